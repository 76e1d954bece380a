import { act, render, renderHook, screen } from '@testing-library/react'
import { Activity, Suspense, use, useEffect, useLayoutEffect } from 'react'
import { describe, expect, it, vi } from 'vitest'
import { Boundary, config, settle, useCleanSlate } from '../../test/helpers/react.js'
import { ScriptedEngine } from '../../test/helpers/ScriptedEngine.js'
import { engines } from '../../test/helpers/scriptedEngines.js'
import type { LLMConfig } from '../engine/types.js'
import { EngineSlot } from './EngineSlot.js'
import { LLMProvider } from './LLMProvider.js'
import { useLLM } from './useLLM.js'

vi.mock('../engine/ModelEngine.js', async () => (await import('../../test/helpers/scriptedEngines.js')).engines.engineModule)

function Status() {
  return <p data-testid="status">{useLLM().status}</p>
}

const status = () => screen.getByTestId('status').textContent

describe('when the model loads', () => {
  useCleanSlate()

  it('makes no engine before one is needed', async () => {
    render(<LLMProvider config={config}><Status /></LLMProvider>)
    await settle()
    expect(engines.made).toHaveLength(0)
    expect(status()).toBe('idle')
  })

  it('loads after mounting when eager, once in StrictMode', async () => {
    render(
      <LLMProvider config={{ ...config, load: 'eager' }}><Status /></LLMProvider>,
    )
    expect(status()).toBe('downloading')
    await settle()
    expect(engines.made).toHaveLength(1)
    expect(engines.last.loads).toBe(1)
    expect(engines.last.isDisposed).toBe(false)
    act(() => engines.last.ready())
    expect(status()).toBe('ready')
  })

  it('loads when the browser is idle, and not if it has unmounted by then', async () => {
    const callbacks = new Map<number, () => void>()
    vi.stubGlobal('requestIdleCallback', (callback: () => void) => callbacks.set(callbacks.size, callback).size - 1)
    vi.stubGlobal('cancelIdleCallback', (id: number) => callbacks.delete(id))
    const { unmount } = render(<LLMProvider config={{ ...config, load: 'idle' }} />)
    expect(callbacks.size).toBe(1)
    unmount()
    expect(callbacks.size).toBe(0)

    const second = render(<LLMProvider config={{ ...config, load: 'idle' }} />)
    await settle()
    expect(engines.made).toHaveLength(0)
    callbacks.forEach((callback) => callback())
    await settle()
    expect(engines.last.loads).toBe(1)
    second.unmount()
    vi.unstubAllGlobals()
  })

  it('loads soon where there is no requestIdleCallback', async () => {
    expect(typeof requestIdleCallback).toBe('undefined')
    render(<LLMProvider config={{ ...config, load: 'idle' }} />)
    await settle(20)
    expect(engines.made).toHaveLength(0)
    await settle(250)
    expect(engines.last.loads).toBe(1)
  })

  it('shares one load between a child that loads in its effects and an eager provider', async () => {
    function Impatient() {
      const { load } = useLLM()
      useLayoutEffect(() => void load(), [load])
      useEffect(() => void load(), [load])
      return null
    }
    render(
      <LLMProvider config={{ ...config, load: 'eager' }}><Impatient /></LLMProvider>,
    )
    await settle()
    expect(engines.made).toHaveLength(1)
    expect(engines.last.loads).toBe(1)
    act(() => engines.last.ready())
    await settle()
  })
})

describe('how long the model lives', () => {
  useCleanSlate()

  it('frees the engine when the provider unmounts, also in the middle of the load', async () => {
    const { unmount } = render(<LLMProvider config={{ ...config, load: 'eager' }} />)
    await settle()
    expect(engines.alive).toHaveLength(1)
    unmount()
    await settle()
    expect(engines.alive).toHaveLength(0)
    expect(engines.made[0]?.listeners.size).toBe(0)
  })

  it('makes no engine when it was closed before the code came', async () => {
    const slot = new EngineSlot({ config })
    const load = slot.load()
    slot.dispose()
    await expect(load).rejects.toMatchObject({ code: 'disposed' })
    expect(engines.made).toHaveLength(0)
  })

  it('leaves nothing alive after 50 cycles in StrictMode', async () => {
    for (let cycle = 0; cycle < 50; cycle++) {
      const { unmount } = render(
        <LLMProvider config={{ ...config, load: 'eager' }}><Status /></LLMProvider>,
      )
      await settle(5)
      unmount()
    }
    await settle()
    expect(engines.made).toHaveLength(50)
    expect(engines.alive).toHaveLength(0)
  })

  it('refuses to load after it has unmounted', async () => {
    const { result, unmount } = renderHook(useLLM, {
      wrapper: ({ children }) => <LLMProvider config={config}>{children}</LLMProvider>,
    })
    unmount()
    await settle()
    await expect(result.current.load()).rejects.toMatchObject({ code: 'disposed' })
    expect(engines.made).toHaveLength(0)
  })

  it('keeps the model while an Activity hides the provider', async () => {
    const app = (mode: 'visible' | 'hidden') => (
      <Activity mode={mode}>
        <LLMProvider config={{ ...config, load: 'eager' }}><Status /></LLMProvider>
      </Activity>
    )
    const { rerender } = render(app('hidden'))
    await settle()
    expect(engines.made).toHaveLength(0)
    rerender(app('visible'))
    await settle()
    act(() => engines.last.ready())
    rerender(app('hidden'))
    await settle()
    rerender(app('visible'))
    await settle()
    expect(engines.made).toHaveLength(1)
    expect(engines.last.isDisposed).toBe(false)
    expect(status()).toBe('ready')
  })

  it('keeps the model when a Suspense boundary above the provider falls back again', async () => {
    let open: () => void = () => undefined
    const promise = new Promise<void>((resolve) => (open = resolve))
    function Sometimes({ wait }: { wait: boolean }) {
      if (wait) use(promise)
      return <Status />
    }
    const app = (wait: boolean) => (
      <Suspense fallback="waiting">
        <LLMProvider config={{ ...config, load: 'eager' }}><Sometimes wait={wait} /></LLMProvider>
      </Suspense>
    )
    const { rerender } = render(app(false))
    await settle()
    act(() => engines.last.ready())
    await act(async () => rerender(app(true)))
    await settle()
    expect(screen.getByText('waiting')).toBeInTheDocument()
    expect(engines.last.isDisposed).toBe(false)
    await act(async () => open())
    expect(status()).toBe('ready')
    expect(engines.made).toHaveLength(1)
  })
})

describe('the config', () => {
  useCleanSlate()

  it('is compared by value: inline objects and a changed `load` keep the engine', async () => {
    const app = (load: LLMConfig['load']) => (
      <LLMProvider config={{ load, models: { onnx: { id: '/models/test', sha256: { a: '1' } } } }}><Status /></LLMProvider>
    )
    const { rerender } = render(app('eager'))
    await settle()
    act(() => engines.last.ready())
    rerender(app('eager'))
    rerender(app('on-demand'))
    rerender(app('eager'))
    await settle()
    expect(engines.made).toHaveLength(1)
    expect(status()).toBe('ready')
  })

  it('replaces the engine when it changes', async () => {
    const app = (id: string) => (
      <LLMProvider config={{ load: 'eager', models: { onnx: id } }}><Status /></LLMProvider>
    )
    const { rerender } = render(app('/models/a'))
    await settle()
    act(() => engines.last.ready())
    rerender(app('/models/b'))
    await settle()
    expect(engines.made).toHaveLength(2)
    expect(engines.configs.map(({ models }) => models?.onnx)).toEqual(['/models/a', '/models/b'])
    expect(engines.made[0]?.isDisposed).toBe(true)
    expect(engines.made[1]?.isDisposed).toBe(false)
    expect(status()).toBe('downloading')
    act(() => engines.made[0]?.ready())
    expect(status()).toBe('downloading')
  })

  it('makes no engine for a config that has changed before the code came', async () => {
    const app = (id: string) => <LLMProvider config={{ load: 'eager', models: { onnx: id } }}><Status /></LLMProvider>
    const { rerender } = render(app('/models/a'))
    rerender(app('/models/b'))
    expect(status()).toBe('downloading')
    await settle()
    expect(engines.configs.map(({ models }) => models?.onnx)).toEqual(['/models/b'])
  })

  it('shows the new engine as idle when it loads on demand', async () => {
    const app = (id: string) => <LLMProvider config={{ models: { onnx: id } }}><Load /></LLMProvider>
    function Load() {
      const { load, status } = useLLM()
      useEffect(() => void load().catch(() => undefined), [load])
      return <p data-testid="status">{status}</p>
    }
    const { rerender } = render(app('/models/a'))
    await settle()
    act(() => engines.last.ready())
    expect(status()).toBe('ready')
    rerender(app('/models/b'))
    expect(status()).toBe('idle')
  })

  it.each([
    ['unknown-runtime', { preferredRuntime: 'webllm', models: { onnx: '/m' } }],
    ['no-model', { models: {} }],
    ['invalid-config', { models: { onnx: '/m' }, device: 'tpu' }],
    ['invalid-config', undefined],
  ])('throws %s while rendering', (code, wrong) => {
    render(
      <Boundary><LLMProvider config={wrong as unknown as LLMConfig} /></Boundary>,
      { onCaughtError: () => undefined },
    )
    expect(screen.getByRole('alert')).toHaveTextContent(code)
  })
})

describe('an engine of the app', () => {
  useCleanSlate()

  it('is used as it is and never disposed', async () => {
    const engine = new ScriptedEngine()
    engine.ready()
    const { unmount } = render(<LLMProvider engine={engine}><Status /></LLMProvider>)
    expect(status()).toBe('ready')
    act(() => engine.setState({ status: 'idle' }))
    expect(status()).toBe('idle')
    unmount()
    await settle()
    expect(engine.isDisposed).toBe(false)
    expect(engine.listeners.size).toBe(0)
    expect(engines.made).toHaveLength(0)
  })

  it('can be loaded eagerly and replaced', async () => {
    const [first, second] = [new ScriptedEngine(), new ScriptedEngine()]
    const app = (engine: ScriptedEngine) => (
      <LLMProvider engine={engine} config={{ load: 'eager' }}><Status /></LLMProvider>
    )
    const { rerender } = render(app(first))
    await settle()
    expect(first.loads).toBe(1)
    second.ready()
    rerender(app(second))
    await settle()
    expect(status()).toBe('ready')
    expect(first.isDisposed).toBe(false)
    expect(first.listeners.size).toBe(0)
  })
})
