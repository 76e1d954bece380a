import { act, render, renderHook, screen } from '@testing-library/react'
import { type ReactNode } from 'react'
import { describe, expect, it, vi } from 'vitest'
import { Boundary, config, settle, useCleanSlate } from '../../test/helpers/react.js'
import { metrics, readyModel } from '../../test/helpers/ScriptedEngine.js'
import { engines } from '../../test/helpers/scriptedEngines.js'
import { LLMError } from '../errors/index.js'
import type { GenerateEvent } from '../inference/types.js'
import { LLMProvider } from './LLMProvider.js'
import { useLLM, type UseLLMResult } from './useLLM.js'

vi.mock('../engine/ModelEngine.js', async () => (await import('../../test/helpers/scriptedEngines.js')).engines.engineModule)

const wrapper = ({ children }: { children: ReactNode }) => <LLMProvider config={config}>{children}</LLMProvider>

const request = { messages: [{ role: 'user' as const, content: 'Hi' }] }

/** Collects a generation's events as they come. */
function collect(events: AsyncIterable<GenerateEvent>): { types: string[]; end: Promise<void> } {
  const types: string[] = []
  const end = (async () => {
    for await (const event of events) types.push(event.type === 'finish' ? event.reason : event.type)
  })()
  return { types, end }
}

describe('the state', () => {
  useCleanSlate()

  it('walks from idle over progress to ready and back', async () => {
    const { result } = renderHook(useLLM, { wrapper })
    expect(result.current).toMatchObject({ status: 'idle', isReady: false, isGenerating: false })
    let loaded: unknown
    act(() => void result.current.load().then((model) => (loaded = model)))
    expect(result.current).toMatchObject({ status: 'downloading', progress: { fraction: 0 } })
    await settle()
    act(() => engines.last.progress(50))
    await settle()
    expect(result.current).toMatchObject({ status: 'downloading', progress: { fraction: 0.5, file: 'onnx/model.onnx' } })
    await act(async () => engines.last.ready())
    expect(loaded).toBe(readyModel)
    expect(result.current).toMatchObject({
      status: 'ready',
      isReady: true,
      model: readyModel,
      runtime: 'onnx',
      backend: readyModel.backend,
      backendReason: readyModel.backendReason,
      device: 'wasm',
      deviceReason: readyModel.deviceReason,
      dtype: 'q8',
      progress: undefined,
      error: undefined,
    })
    await act(() => result.current.unload())
    expect(engines.last.unloads).toBe(1)
    expect(result.current).toMatchObject({ status: 'idle', model: undefined, isReady: false })
  })

  it('shows a failed load and lets it be tried again', async () => {
    const { result } = renderHook(useLLM, { wrapper })
    const error = new LLMError({ code: 'model-not-found', message: 'no such model' })
    const failure = vi.fn()
    act(() => void result.current.load().catch(failure))
    await settle()
    await act(async () => engines.last.setState({ status: 'error', error }))
    expect(result.current).toMatchObject({ status: 'error', error, isReady: false })
    expect(failure).toHaveBeenCalledWith(error)
    act(() => void result.current.load())
    await settle()
    act(() => engines.last.ready())
    expect(result.current).toMatchObject({ status: 'ready', error: undefined })
  })

  it('unloads a load whose code has not come yet', async () => {
    const { result } = renderHook(useLLM, { wrapper })
    await act(async () => {
      void result.current.load()
      await result.current.unload()
    })
    expect(engines.last.unloads).toBe(1)
    expect(result.current.status).toBe('idle')
  })

  it('has the same functions in every render', async () => {
    const { result, rerender } = renderHook(useLLM, { wrapper })
    const { load, unload, generate, stop } = result.current
    act(() => void load())
    await settle()
    act(() => engines.last.ready())
    rerender()
    expect(result.current).toMatchObject({ load, unload, generate, stop })
  })

  it('is shared by all hooks of one provider', async () => {
    const { result } = renderHook(() => [useLLM(), useLLM()] as const, { wrapper })
    act(() => void result.current[0].load())
    await settle()
    act(() => engines.last.ready())
    expect(result.current.map(({ status }) => status)).toEqual(['ready', 'ready'])
    expect(engines.made).toHaveLength(1)
  })

  it('cannot be had outside of a provider', () => {
    function Lost() {
      useLLM()
      return null
    }
    render(<Boundary><Lost /></Boundary>, { onCaughtError: () => undefined })
    expect(screen.getByRole('alert')).toHaveTextContent(/invalid-config: useLLM was called outside of an <LLMProvider>/)
  })
})

describe('generate', () => {
  useCleanSlate()

  it('streams events, loading the engine first, and keeps the figures', async () => {
    const { result } = renderHook(useLLM, { wrapper })
    const { types, end } = collect(result.current.generate({ ...request, maxTokens: 7 }))
    await settle()
    expect(result.current.isGenerating).toBe(true)
    const run = engines.last.runs[0]
    expect(run?.request).toEqual({ ...request, maxTokens: 7 })
    await act(async () => {
      run?.text('Hel')
      run?.text('lo')
      run?.finish()
      await end
    })
    expect(types).toEqual(['text-delta', 'text-delta', 'stop'])
    expect(result.current).toMatchObject({ isGenerating: false, metrics })
  })

  it('ends with reason abort by stop, which leaves other hooks alone', async () => {
    const { result } = renderHook(() => [useLLM(), useLLM()] as const, { wrapper })
    const [mine, other] = result.current.map(({ generate }) => collect(generate(request)))
    await settle()
    act(() => result.current[0].stop())
    await settle()
    expect(mine?.types).toEqual(['abort'])
    expect(other?.types).toEqual([])
    expect(result.current[0].isGenerating).toBe(true)
    await act(async () => {
      engines.last.runs[1]?.finish()
      await other?.end
    })
    expect(result.current[0].isGenerating).toBe(false)
  })

  it("ends by the caller's own signal", async () => {
    const { result } = renderHook(useLLM, { wrapper })
    const controller = new AbortController()
    const { types, end } = collect(result.current.generate(request, { signal: controller.signal }))
    await settle()
    controller.abort()
    await act(() => end)
    expect(types).toEqual(['abort'])
    const late = collect(result.current.generate(request, { signal: controller.signal }))
    await act(() => late.end)
    expect(late.types).toEqual(['abort'])
  })

  it('ends when the component unmounts, and not by the rehearsal of StrictMode', async () => {
    const { result, unmount } = renderHook(useLLM, { wrapper })
    const { types, end } = collect(result.current.generate(request))
    await settle()
    expect(types).toEqual([])
    unmount()
    await end
    expect(types).toEqual(['abort'])
  })

  it('throws what the engine throws', async () => {
    const { result } = renderHook(useLLM, { wrapper })
    const error = new LLMError({ code: 'context-overflow', message: 'too long' })
    const { end } = collect(result.current.generate(request))
    const caught = end.catch((cause: unknown) => cause)
    await settle()
    await act(async () => engines.last.runs[0]?.fail(error))
    await expect(caught).resolves.toBe(error)
    expect(result.current.isGenerating).toBe(false)
  })

  it('is counted as ended when its consumer leaves early', async () => {
    const { result } = renderHook(useLLM, { wrapper })
    await act(async () => {
      const events = result.current.generate(request)[Symbol.asyncIterator]()
      const first = events.next()
      await vi.waitFor(() => expect(engines.last.runs).toHaveLength(1))
      engines.last.runs[0]?.text('Hi')
      await first
      expect(result.current.generate).toBeDefined()
      await events.return?.()
    })
    expect(result.current.isGenerating).toBe(false)
  })
})

describe('renders', () => {
  useCleanSlate()

  function renderCounting(read: (llm: UseLLMResult) => unknown) {
    let renders = 0
    const hook = renderHook(
      () => {
        renders++
        const llm = useLLM()
        read(llm)
        return llm
      },
      {
        wrapper: ({ children }) => <LLMProvider config={{ ...config, load: 'eager' }}>{children}</LLMProvider>,
        reactStrictMode: false,
      },
    )
    return { ...hook, count: () => renders }
  }

  it('come at most once a frame for progress, and only where progress is read', async () => {
    vi.useFakeTimers()
    const status = renderCounting((llm) => llm.status)
    await settle(0)
    const [engine] = engines.made
    const progress = renderCounting((llm) => llm.progress)
    await settle(0)
    const other = engines.last
    const before = [status.count(), progress.count()]
    for (let step = 1; step <= 100; step++) {
      act(() => {
        engine?.progress(step)
        other.progress(step)
      })
      await settle(10)
    }
    expect(status.count()).toBe(before[0])
    expect(progress.count() - (before[1] ?? 0)).toBeGreaterThan(30)
    expect(progress.count() - (before[1] ?? 0)).toBeLessThanOrEqual(63)
    expect(progress.result.current.progress?.loaded).toBe(100)
  })

  it('do not come for tokens', async () => {
    const { result, count } = renderCounting((llm) => [llm.status, llm.isGenerating, llm.metrics])
    await settle()
    act(() => engines.last.ready())
    const { types, end } = collect(result.current.generate(request))
    await settle()
    const before = count()
    for (let token = 0; token < 100; token++) engines.last.runs[0]?.text('x')
    await settle()
    expect(types).toHaveLength(100)
    expect(count()).toBe(before)
    await act(async () => {
      engines.last.runs[0]?.finish()
      await end
    })
    expect(count()).toBeGreaterThan(before)
  })

  it('show progress in hidden tabs, where there are no animation frames', async () => {
    const frames = vi.spyOn(globalThis, 'requestAnimationFrame').mockReturnValue(0)
    const { result } = renderCounting((llm) => llm.progress)
    await settle()
    act(() => engines.last.progress(30))
    await settle(150)
    expect(result.current.progress?.loaded).toBe(30)
    frames.mockRestore()
  })
})
