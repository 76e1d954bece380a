import { act, renderHook } from '@testing-library/react'
import { type ReactNode } from 'react'
import { describe, expect, it, vi } from 'vitest'
import { config, settle, useCleanSlate } from '../../test/helpers/react.js'
import { engines } from '../../test/helpers/scriptedEngines.js'
import { LLMError } from '../errors/index.js'
import type { StoredModel } from '../models/types.js'
import { LLMProvider } from './LLMProvider.js'
import { useLLM } from './useLLM.js'
import { useModelStorage } from './useModelStorage.js'

vi.mock('../engine/ModelEngine.js', async () => (await import('../../test/helpers/scriptedEngines.js')).engines.engineModule)
vi.mock('../engine/storedModels.js', async () => (await import('../../test/helpers/scriptedEngines.js')).engines.storageModule)

const wrapper = ({ children }: { children: ReactNode }) => <LLMProvider config={config}>{children}</LLMProvider>

const stored = (id: string, size: number): StoredModel => ({
  key: `${id}@main`,
  id,
  revision: 'main',
  files: [{ path: 'onnx/model_q4.onnx', size, total: size, isVerified: true }],
  size,
  state: 'complete',
  isVerified: true,
  lastUsed: undefined,
})

describe('useModelStorage', () => {
  useCleanSlate()

  it('lists the stored models and their size', async () => {
    engines.stored = [stored('org/a', 30), stored('org/b', 12)]
    const { result } = renderHook(useModelStorage, { wrapper })
    expect(result.current).toMatchObject({ status: 'loading', models: [], size: 0 })
    await settle()
    expect(result.current).toMatchObject({ status: 'ready', models: engines.stored, size: 42, error: undefined })
    expect(await result.current.isCached('org/a')).toBe(true)
    expect(await result.current.isCached('org/c')).toBe(false)
  })

  it('fetches a model ahead, with progress, and shows it; an abort rejects and changes nothing', async () => {
    const { result } = renderHook(useModelStorage, { wrapper })
    await settle()
    const fractions: number[] = []
    await act(() => result.current.prefetch('org/a', { onProgress: ({ fraction }) => fractions.push(fraction) }))
    expect(fractions).toEqual([1])
    expect(result.current).toMatchObject({ models: [{ id: 'org/a', state: 'complete' }], size: 7 })
    const aborted = result.current.prefetch('org/b', { signal: AbortSignal.abort() })
    await expect(act(() => aborted)).rejects.toMatchObject({ code: 'load-aborted' })
    expect(result.current.models).toHaveLength(1)
  })

  it('removes one model, then all, in every hook of the provider', async () => {
    engines.stored = [stored('org/a', 30), stored('org/b', 12)]
    const { result } = renderHook(() => [useModelStorage(), useModelStorage()] as const, { wrapper })
    await settle()
    await act(() => result.current[0].remove('org/a'))
    expect(result.current.map(({ models }) => models.map(({ id }) => id))).toEqual([['org/b'], ['org/b']])
    await act(() => result.current[1].clear())
    expect(result.current.map(({ size }) => size)).toEqual([0, 0])
  })

  it('looks again when a model has become ready, and when asked', async () => {
    const { result } = renderHook(() => ({ storage: useModelStorage(), llm: useLLM() }), { wrapper })
    act(() => void result.current.llm.load())
    await settle()
    expect(result.current.storage.models).toEqual([])
    engines.stored = [stored('org/a', 30)]
    act(() => engines.last.ready())
    await settle()
    expect(result.current.storage.size).toBe(30)
    engines.stored = []
    await act(() => result.current.storage.refresh())
    expect(result.current.storage.size).toBe(0)
  })

  it('shows when storage cannot be read, and recovers', async () => {
    engines.storageFailure = new LLMError({ code: 'storage', message: 'Blocked.' })
    const { result } = renderHook(useModelStorage, { wrapper })
    await settle()
    expect(result.current).toMatchObject({ status: 'error', error: engines.storageFailure })
    engines.storageFailure = undefined
    await act(() => result.current.refresh())
    expect(result.current).toMatchObject({ status: 'ready', error: undefined })
  })

  it('has the same functions in every render', async () => {
    const { result } = renderHook(useModelStorage, { wrapper })
    const { isCached, remove, clear, refresh } = result.current
    await settle()
    expect(result.current).toMatchObject({ isCached, remove, clear, refresh })
  })
})
