import { afterEach, describe, expect, it, vi } from 'vitest'
import { collect, disposeEngines, metrics, request, setUpEngine as setUp, talk, talkingEngine as talking, textOf, tick } from '../../test/helpers/engine/testEngine.js'
import { scriptedRuntime, type TestWorker } from '../../test/helpers/engine/workerHost.js'
import { LLMError } from '../errors/index.js'
import type { GenerateEvent } from '../inference/types.js'
import type { LoadProgress } from '../models/types.js'

afterEach(disposeEngines)

const progress = (phase: LoadProgress['phase']): LoadProgress => ({
  phase,
  loaded: 1,
  total: 2,
  fraction: 0.5,
  bytesPerSecond: 0,
  etaSeconds: undefined,
  file: undefined,
})

describe('loading', () => {
  it('walks through its states, and starts no worker before it is asked', async () => {
    const { engine, workers } = setUp(() => async (_request, onProgress) => {
      for (const phase of ['resolving', 'downloading', 'loading', 'warming-up'] as const) {
        onProgress(progress(phase))
        await tick(5)
      }
      return scriptedRuntime(talk([]))
    })
    expect(engine.getState()).toEqual({ status: 'idle' })
    expect(workers).toHaveLength(0)
    const seen = new Set<string>()
    engine.subscribe(() => seen.add(engine.getState().status))
    const model = await engine.load()
    expect([...seen]).toEqual(['downloading', 'loading', 'ready'])
    expect(model).toMatchObject({ id: 'test', deviceReason: 'the test says so' })
    expect(engine.getState()).toEqual({ status: 'ready', model })
  })

  it('is shared by calls that overlap and by those that follow', async () => {
    const { engine, workers } = talking()
    await Promise.all([engine.load(), engine.load(), collect(engine.generate(request))])
    await engine.load()
    expect(workers).toHaveLength(1)
  })

  it('goes on while one caller is left, and is given up with the last one', async () => {
    const { engine, workers } = setUp(() => () => new Promise(() => undefined))
    const [a, b] = [new AbortController(), new AbortController()]
    const loads = [engine.load({ signal: a.signal }), engine.load({ signal: b.signal })]
    const results = Promise.allSettled(loads)
    await tick(10)
    a.abort()
    await expect(loads[0]).rejects.toMatchObject({ code: 'load-aborted' })
    expect(engine.getState().status).toBe('downloading')
    expect(workers[0]!.terminated).toBe(false)
    b.abort()
    await results
    await expect(loads[1]).rejects.toMatchObject({ code: 'load-aborted' })
    expect(engine.getState()).toEqual({ status: 'idle' })
    expect(workers[0]!.terminated).toBe(true)
  })

  it('begins anew after it was given up', async () => {
    let attempt = 0
    const { engine, workers } = setUp(() => () =>
      ++attempt === 1 ? new Promise(() => undefined) : Promise.resolve(scriptedRuntime(talk(['again']))),
    )
    const controller = new AbortController()
    const first = engine.load({ signal: controller.signal })
    await vi.waitFor(() => expect(workers).toHaveLength(1))
    controller.abort()
    await expect(first).rejects.toMatchObject({ code: 'load-aborted' })
    expect(textOf(await collect(engine.generate(request)))).toBe('again')
    expect(workers.at(-1)!.terminated).toBe(false)
  })

  it('reports failures with all their fields, ends the worker, and can be tried again', async () => {
    let attempt = 0
    const { engine, workers } = setUp(() => () => {
      if (++attempt > 1) return Promise.resolve(scriptedRuntime(talk(['ok'])))
      throw new LLMError({ code: 'model-corrupt', message: 'Broken.', subject: 'm.onnx', cause: new TypeError('deep') })
    })
    const error = await engine.load().catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(LLMError)
    expect(error).toMatchObject({ code: 'model-corrupt', message: 'Broken.', subject: 'm.onnx', recoverable: false })
    expect((error as LLMError).cause).toMatchObject({ name: 'TypeError', message: 'deep' })
    expect(engine.getState()).toEqual({ status: 'error', error })
    expect(workers[0]!.terminated).toBe(true)
    await engine.load()
    expect(engine.getState().status).toBe('ready')
  })

  it('shows what cannot work here as unsupported', async () => {
    const { engine } = setUp(() => () => {
      throw new LLMError({ code: 'unsupported-architecture', message: 'No.' })
    })
    await engine.load().catch(() => undefined)
    expect(engine.getState().status).toBe('unsupported')
  })

  it('shows an invalid config as an error state and rejects with it', async () => {
    const { engine } = setUp(() => () => Promise.reject(new Error()), 'wasm', { device: 'tpu' as 'wasm' })
    expect(engine.getState()).toMatchObject({ status: 'error', error: { code: 'invalid-config', subject: 'device' } })
    await expect(engine.load()).rejects.toMatchObject({ code: 'invalid-config' })
    await expect(collect(engine.generate(request))).rejects.toMatchObject({ code: 'invalid-config' })
  })
})

describe('fallback', () => {
  const failingGPU = (code: LLMError['code']) => (worker: TestWorker) => () => {
    if (worker.device === 'webgpu') throw new LLMError({ code, message: 'The shader does not compile.' })
    return Promise.resolve(scriptedRuntime(talk(['cpu']), 'wasm'))
  }

  it('takes WASM in a new worker when the GPU fails, and says why', async () => {
    const { engine, workers } = setUp(failingGPU('session-failed'), 'webgpu')
    const model = await engine.load()
    expect(model.device).toBe('wasm')
    expect(model.deviceReason).toMatch(/WebGPU.*The shader does not compile/)
    expect(workers.map((worker) => [worker.device, worker.terminated])).toEqual([['webgpu', true], ['wasm', false]])
  })

  it('does not hide failures that have nothing to do with the GPU', async () => {
    const { engine, workers } = setUp(failingGPU('model-not-found'), 'webgpu')
    await expect(engine.load()).rejects.toMatchObject({ code: 'model-not-found' })
    expect(workers).toHaveLength(1)
  })

  it('does not happen when WebGPU was asked for by name', async () => {
    const { engine, workers } = setUp(failingGPU('session-failed'), 'webgpu', { device: 'webgpu' })
    await expect(engine.load()).rejects.toMatchObject({ code: 'session-failed' })
    expect(workers).toHaveLength(1)
  })
})

describe('generating', () => {
  it('loads first, then streams events in order', async () => {
    const { engine } = talking(['Hel', 'lo'], 2)
    const events = await collect(engine.generate(request))
    expect(events.map((event) => event.type)).toEqual(['start', 'text-delta', 'text-delta', 'finish'])
    expect(events.at(-1)).toMatchObject({ reason: 'stop', tokenIds: [0, 1] })
  })

  it('runs one request at a time, in order', async () => {
    let running = 0
    let most = 0
    const order: string[] = []
    const { engine } = setUp(() => () =>
      Promise.resolve(
        scriptedRuntime(async (asked, emit, probe) => {
          most = Math.max(most, ++running)
          await talk(['x'], 2)(asked, emit, probe)
          order.push(asked.messages[0]!.content)
          running--
        }),
      ),
    )
    const ask = (content: string) => collect(engine.generate({ messages: [{ role: 'user', content }] }))
    await Promise.all(['a', 'b', 'c'].map(ask))
    expect(order).toEqual(['a', 'b', 'c'])
    expect(most).toBe(1)
  })

  it('ends at once when it is aborted, though the worker is busy, and the next request waits for the worker', async () => {
    let free!: () => void
    let calls = 0
    const { engine } = setUp(() => () =>
      Promise.resolve(
        scriptedRuntime(async (asked, emit, probe) => {
          if (++calls === 1) {
            emit({ tokenId: undefined, events: [{ type: 'start', promptTokens: 9, reusedTokens: 0 }] })
            await new Promise<void>((resolve) => (free = resolve))
          }
          await talk(['next'])(asked, emit, probe)
        }),
      ),
    )
    await engine.load()
    const controller = new AbortController()
    const first = collect(engine.generate(request, { signal: controller.signal }))
    await tick(20)
    const started = performance.now()
    controller.abort()
    const events = await first
    expect(performance.now() - started).toBeLessThan(50)
    expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'abort', metrics: { promptTokens: 9 } })

    const second = collect(engine.generate(request))
    await tick(20)
    expect(calls).toBe(1)
    free()
    expect(textOf(await second)).toBe('next')
  })

  it.each(['with', 'without'])('stops the worker between two tokens %s shared memory', async (kind) => {
    if (kind === 'without') vi.stubGlobal('crossOriginIsolated', false)
    let steps = 0
    const { engine } = setUp(() => () =>
      Promise.resolve(
        scriptedRuntime(async (_asked, emit, probe) => {
          while (!(await probe.check())) {
            steps++
            emit({ tokenId: 1, events: [{ type: 'text-delta', text: '.' }] })
            await tick(1)
          }
          emit({ tokenId: undefined, events: [{ type: 'finish', reason: 'abort', metrics, tokenIds: [] }] })
        }),
      ),
    )
    const controller = new AbortController()
    const events: GenerateEvent[] = []
    for await (const event of engine.generate(request, { signal: controller.signal })) {
      events.push(event)
      if (textOf(events).length >= 3) controller.abort()
    }
    expect(events.at(-1)).toMatchObject({ reason: 'abort' })
    expect((events.at(-1) as { tokenIds: number[] }).tokenIds.length).toBeGreaterThanOrEqual(3)
    await tick(30)
    const stoppedAt = steps
    await tick(30)
    expect(steps).toBe(stoppedAt)
    vi.unstubAllGlobals()
  })

  it('is stopped by a consumer who leaves the loop', async () => {
    const { engine } = talking(Array<string>(1000).fill('x'), 1)
    for await (const event of engine.generate(request)) if (event.type === 'text-delta') break
    const events = await collect(engine.generate({ ...request }, { signal: AbortSignal.timeout(60) }))
    expect(events.at(-1)).toMatchObject({ reason: 'abort' })
    expect(textOf(events)).not.toBe('')
  })

  it('answers an abort before and during loading with `finish`', async () => {
    const { engine, workers } = setUp(() => () => new Promise(() => undefined))
    const before = await collect(engine.generate(request, { signal: AbortSignal.abort() }))
    expect(before).toMatchObject([{ type: 'finish', reason: 'abort' }])
    expect(workers).toHaveLength(0)
    const during = await collect(engine.generate(request, { signal: AbortSignal.timeout(20) }))
    expect(during).toMatchObject([{ type: 'finish', reason: 'abort' }])
    expect(engine.getState()).toEqual({ status: 'idle' })
    expect(workers[0]!.terminated).toBe(true)
  })
})

describe('failures', () => {
  const broken = (code: LLMError['code']) => {
    let calls = 0
    return setUp(() => () =>
      Promise.resolve(
        scriptedRuntime((asked, emit, probe) => {
          if (++calls === 1) throw new LLMError({ code, message: 'No.' })
          return talk(['fine'])(asked, emit, probe)
        }),
      ),
    )
  }

  it('in the request leave the worker alone', async () => {
    const { engine, workers } = broken('context-overflow')
    await expect(collect(engine.generate(request))).rejects.toMatchObject({ code: 'context-overflow' })
    expect(engine.getState().status).toBe('ready')
    expect(textOf(await collect(engine.generate(request)))).toBe('fine')
    expect(workers).toHaveLength(1)
  })

  it('in the model end the worker; the next request gets a new one', async () => {
    const { engine, workers } = broken('session-failed')
    await expect(collect(engine.generate(request))).rejects.toMatchObject({ code: 'session-failed' })
    expect(engine.getState()).toMatchObject({ status: 'error', error: { code: 'session-failed' } })
    expect(textOf(await collect(engine.generate(request)))).toBe('fine')
    expect(workers.map((worker) => worker.terminated)).toEqual([true, false])
  })

  it.each(['while it loads', 'while it generates'])('of threads %s leave one thread, and the reason can be read, until it is unloaded', async (when) => {
    const asked: (number | undefined)[] = []
    const lost = () => new LLMError({ code: 'session-failed', subject: 'threads', message: 'A thread ended.', recoverable: true })
    const { engine } = setUp(() => ({ threads }) => {
      asked.push(threads)
      if (threads === 1) return Promise.resolve(scriptedRuntime(talk(['fine'])))
      if (when === 'while it loads') throw lost()
      return Promise.resolve(scriptedRuntime(() => Promise.reject(lost())))
    }, 'wasm', { threads: 3 })
    if (when === 'while it generates') {
      await expect(collect(engine.generate(request))).rejects.toMatchObject({ code: 'session-failed', subject: 'threads' })
    }
    expect(textOf(await collect(engine.generate(request)))).toBe('fine')
    expect(asked).toEqual([3, 1])
    expect(engine.getState()).toMatchObject({ status: 'ready', model: { backendReason: 'test. More were given up: A thread ended.' } })
    await engine.unload()
    await engine.load()
    expect(asked[2]).toBe(3)
  })

  it('of the worker itself are seen while it loads, generates and rests', async () => {
    let mode: 'hang' | 'talk' = 'hang'
    const { engine, workers } = setUp(() => () =>
      mode === 'hang' ? new Promise(() => undefined) : Promise.resolve(scriptedRuntime(talk(['a', 'b'], 20))),
    )
    const load = engine.load()
    await tick(10)
    workers[0]!.crash(new Error('killed'))
    await expect(load).rejects.toMatchObject({ code: 'worker-crashed', recoverable: true, message: expect.stringContaining('killed') as string })

    mode = 'talk'
    const generation = collect(engine.generate(request))
    await vi.waitFor(() => expect(engine.getState().status).toBe('ready'), { interval: 1 })
    workers[1]!.crash(new Error('killed'))
    await expect(generation).rejects.toMatchObject({ code: 'worker-crashed' })

    await engine.load()
    workers[2]!.crash(new Error('killed'))
    await tick()
    expect(engine.getState()).toMatchObject({ status: 'error', error: { code: 'worker-crashed' } })
    expect(textOf(await collect(engine.generate(request)))).toBe('ab')
  })
})

describe('unload and dispose', () => {
  it('unload frees the worker, ends what runs, and lets the engine load again', async () => {
    const { engine, workers } = talking(Array<string>(1000).fill('x'), 1)
    const running = collect(engine.generate(request))
    await vi.waitFor(() => expect(engine.getState().status).toBe('ready'))
    await engine.unload()
    expect((await running).at(-1)).toMatchObject({ type: 'finish', reason: 'abort' })
    expect(engine.getState()).toEqual({ status: 'idle' })
    expect(workers[0]!.terminated).toBe(true)
    await engine.load()
    expect(engine.getState().status).toBe('ready')
  })

  it('dispose is for good', async () => {
    const { engine, workers } = talking()
    await engine.load()
    engine.dispose()
    engine.dispose()
    expect(workers[0]!.terminated).toBe(true)
    await expect(engine.load()).rejects.toMatchObject({ code: 'disposed' })
    await expect(engine.unload()).rejects.toMatchObject({ code: 'disposed' })
    await expect(collect(engine.generate(request))).rejects.toMatchObject({ code: 'disposed' })
  })

  it('dispose during a load leaves no worker', async () => {
    const { engine, workers } = setUp(() => () => new Promise(() => undefined))
    const load = engine.load()
    await tick(5)
    engine.dispose()
    await expect(load).rejects.toMatchObject({ code: 'load-aborted' })
    await tick(5)
    expect(workers.every((worker) => worker.terminated)).toBe(true)
  })

  it('50 engines, disposed at any moment, leave no worker', async () => {
    const all: TestWorker[] = []
    for (let i = 0; i < 50; i++) {
      const { engine, workers } = talking(['a', 'b', 'c'], 1)
      const load = engine.load().catch(() => undefined)
      if (i % 3 === 1) await load
      if (i % 3 === 2) await tick(1)
      engine.dispose()
      await load
      all.push(...workers)
    }
    await tick(10)
    expect(all.filter((worker) => !worker.terminated)).toEqual([])
  })
})
