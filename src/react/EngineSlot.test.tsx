import { act, renderHook } from '@testing-library/react'
import type { ReactNode } from 'react'
import { describe, expect, it, vi } from 'vitest'
import { config, settle, useCleanSlate } from '../../test/helpers/react.js'
import { LLMProvider } from './LLMProvider.js'
import { useFunctionCalling } from './useFunctionCalling.js'
import { useLLM } from './useLLM.js'

// Breaks the import of the whole engine.
vi.mock('../engine/ModelEngine.js', () => {
  throw new TypeError('Failed to fetch dynamically imported module')
})

describe("an engine whose code cannot be fetched", () => {
  useCleanSlate()

  const hooks = (load: 'eager' | 'on-demand') =>
    renderHook(() => ({ llm: useLLM(), chat: useFunctionCalling() }), {
      wrapper: ({ children }: { children: ReactNode }) => <LLMProvider config={{ ...config, load }}>{children}</LLMProvider>,
    })

  it('shows as an error that can be tried again', async () => {
    const { result } = hooks('eager')
    expect(result.current.llm.status).toBe('downloading')
    await settle()
    expect(result.current.llm).toMatchObject({ status: 'error', error: { code: 'network', recoverable: true } })
    await act(() => result.current.llm.unload())
    expect(result.current.llm).toMatchObject({ status: 'idle', error: undefined })
    let failure: unknown
    await act(() => result.current.llm.load().catch((cause: unknown) => (failure = cause)))
    expect(failure).toBe(result.current.llm.error)
  })

  it('fails the turn that needed it', async () => {
    const { result } = hooks('on-demand')
    act(() => void result.current.chat.sendMessage({ text: 'Hi' }))
    await settle()
    expect(result.current.chat).toMatchObject({ status: 'error', error: { code: 'network' } })
    expect(result.current.llm).toMatchObject({ status: 'error', isGenerating: false })
  })
})
