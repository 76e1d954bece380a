import { createEngine, type Engine, type GenerateEvent, type GenerateRequest, type LLMConfig } from 'react-edge-llm/engine'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { commands } from 'vitest/browser'

const tiny = '/models/smollm2-tiny'
const engines: Engine[] = []

afterEach(() => {
  vi.unstubAllGlobals()
  engines.splice(0).forEach((engine) => engine.dispose())
})

function open(config: Partial<LLMConfig>): Engine {
  const engine = createEngine({ models: { onnx: tiny }, ...config })
  engines.push(engine)
  return engine
}

async function collect(
  engine: Engine,
  request: Partial<GenerateRequest> & { content?: string },
  signal?: AbortSignal,
  onEvent?: (event: GenerateEvent) => void,
) {
  const { content = 'Hi', ...rest } = request
  const messages = [{ role: 'user' as const, content }]
  const events: GenerateEvent[] = []
  for await (const event of engine.generate({ messages, maxTokens: 8, ...rest }, { signal })) {
    events.push(event)
    onEvent?.(event)
  }
  const finish = events.at(-1)
  if (finish?.type !== 'finish') throw new Error('The last event is not `finish`')
  return { events, finish }
}

const ids = async (engine: Engine, content: string, maxTokens = 8) =>
  (await collect(engine, { content, maxTokens })).finish.tokenIds

const long = 'Tell me more about the river and the old mill. '.repeat(20)

/** What runs models on WASM, each with the weights that it takes by default. */
const backends = [
  { name: 'simd', dtype: 'q4', config: { device: 'wasm', cpuBackend: 'simd' }, freeWithinMs: 3000 },
  { name: 'onnxruntime-web/wasm', dtype: 'q8', config: { device: 'wasm', cpuBackend: 'onnxruntime' }, freeWithinMs: 12_000 },
] as const

describe.each(backends)('on WASM, $name', ({ name, dtype, config, freeWithinMs }) => {
  it('loads, generates and tells how', async () => {
    const engine = open(config)
    const model = await engine.load()
    expect(model).toMatchObject({ backend: name, device: 'wasm', dtype, deviceReason: 'The config asks for WASM.' })
    const most = Math.min(4, navigator.hardwareConcurrency)
    if (name === 'simd') {
      // Which number is fastest, this machine decides; what was tried is told.
      const times = model.probe?.threads ?? []
      expect(times.map(({ threads }) => threads)).toEqual([...new Set([1, Math.min(2, most), most])].slice(0, times.length))
      expect(times.map(({ threads }) => threads)).toContain(model.threads)
    } else expect(model.threads).toBe(most)
    expect(model.memoryBytes).toBeGreaterThan(6_000_000)
    const { events, finish } = await collect(engine, {})
    expect(events[0]).toMatchObject({ type: 'start' })
    expect(finish.tokenIds).toHaveLength(8)
  })

  it('gives the same tokens with one thread as with several', async () => {
    const one = await ids(open({ ...config, threads: 1 }), long)
    for (const threads of [2, 4]) expect(await ids(open({ ...config, threads }), long)).toEqual(one)
  })

  it.each(['with', 'without'])('ends an abort within 200 ms %s shared memory, and goes on', async (kind) => {
    if (kind === 'without') vi.stubGlobal('crossOriginIsolated', false)
    const engine = open({ ...config, models: { onnx: '/models/smollm2-135m-instruct' }, ...(kind === 'without' && { threads: 1 }) })
    const { threads } = await engine.load()
    if (kind === 'without') expect(threads).toBe(1)
    for (const phase of ['prefill', 'decode']) {
      const controller = new AbortController()
      let aborted = 0
      const abort = () => {
        aborted ||= performance.now()
        controller.abort()
      }
      let deltas = 0
      const { finish } = await collect(
        engine,
        { content: phase === 'prefill' ? long : 'Tell me a story.', maxTokens: 500 },
        controller.signal,
        ({ type }) => {
          if (phase === 'prefill' ? type === 'start' : type === 'text-delta' && ++deltas === 5) setTimeout(abort, 20)
        },
      )
      expect(performance.now() - aborted).toBeLessThan(200)
      expect(finish.reason).toBe('abort')
      if (phase === 'prefill') expect(finish.tokenIds).toEqual([])
    }
    const started = performance.now()
    expect(await ids(engine, 'Hi', 2)).toHaveLength(2)
    // The worker noticed the abort, too: 500 tokens would have taken longer.
    expect(performance.now() - started).toBeLessThan(freeWithinMs)
  })

  it('gives up a load at once and can load again', async () => {
    const engine = open({ ...config, models: { onnx: '/models/smollm2-135m-instruct' } })
    const controller = new AbortController()
    const load = engine.load({ signal: controller.signal })
    await vi.waitFor(() => expect(engine.getState().status).not.toBe('idle'))
    setTimeout(() => controller.abort(), 100)
    await expect(load).rejects.toMatchObject({ code: 'load-aborted' })
    expect(engine.getState()).toEqual({ status: 'idle' })
    expect(await ids(engine, 'Hi', 2)).toHaveLength(2)
  })
})

describe('on WASM by default', () => {
  it('is taken, with the reason, where the only GPU is a software one', async () => {
    const model = await open({ device: 'auto' }).load()
    expect(model).toMatchObject({ device: 'wasm', backend: 'simd', dtype: 'q4' })
    expect(model.deviceReason).toMatch(/software/)
    expect(model.backendReason).toMatch(/SIMD core runs llama models on the CPU, here with \d+ thread/)
  })

  it.each([
    ['missing on the server', { status: 404, body: 'Not found' }, /core\.wasm.*404/],
    ['an HTML page', { status: 200, body: '<!doctype html><title>App</title>' }, /cannot compile the SIMD core/],
  ])('is ONNX Runtime with the reason where core.wasm is %s', async (_, response, reason) => {
    await commands.replaceResponses('**/core.wasm*', response)
    try {
      const engine = open({ device: 'wasm' })
      expect(await engine.load()).toMatchObject({ backend: 'onnxruntime-web/wasm', backendReason: expect.stringMatching(reason) as string })
      expect(await ids(engine, 'Hi', 2)).toHaveLength(2)
      await expect(open({ device: 'wasm', cpuBackend: 'simd' }).load()).rejects.toMatchObject({ code: 'session-failed' })
    } finally {
      await commands.replaceResponses('**/core.wasm*', undefined)
    }
  })
})

describe('on WebGPU', () => {
  it('gives the tokens that Transformers.js gives there, also when it reuses a prefix', async () => {
    const onnx = open({ device: 'webgpu', dtype: 'fp32' })
    const transformers = open({ models: { transformers: tiny }, device: 'webgpu', dtype: 'fp32' })
    const model = await onnx.load()
    expect(model).toMatchObject({ backend: 'onnxruntime-web/webgpu', device: 'webgpu', dtype: 'fp32' })
    expect(model.deviceReason).toMatch(/adapter and device found/)
    const answers: number[][] = []
    for (const content of [long, `${long} And then?`]) {
      answers.push(await ids(transformers, content, 3))
      expect(await ids(onnx, content, 3)).toEqual(answers.at(-1))
    }
    // Another conversation comes between; its keys and values do not replace those of the first.
    await ids(onnx, 'Hi', 1)
    const { finish } = await collect(onnx, { content: long, maxTokens: 3 })
    expect(finish.tokenIds).toEqual(answers[0])
    expect(finish.metrics.reusedTokens).toBeGreaterThanOrEqual(128)
  })

  it('runs 4-bit weights by default', async () => {
    const engine = open({ device: 'webgpu' })
    expect((await engine.load()).dtype).toBe('q4')
    expect(await ids(engine, 'Hi', 2)).toHaveLength(2)
  })
})

describe('the transformers runtime', () => {
  it('gives the same tokens as the onnx runtime', async () => {
    const transformers = open({ models: { transformers: tiny }, device: 'wasm' })
    expect(await transformers.load()).toMatchObject({ runtime: 'transformers', backend: '@huggingface/transformers', dtype: 'q8' })
    expect(await ids(transformers, 'Why?', 24)).toEqual(await ids(open({ device: 'wasm', dtype: 'q8' }), 'Why?', 24))
  })

  it.each(['with', 'without'])('can be aborted %s shared memory', async (kind) => {
    if (kind === 'without') vi.stubGlobal('crossOriginIsolated', false)
    const engine = open({ models: { transformers: tiny }, device: 'wasm' })
    await engine.load()
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 300)
    const { finish } = await collect(engine, { maxTokens: 5000 }, controller.signal)
    expect(finish.reason).toBe('abort')
    expect(await ids(engine, 'Hi', 2)).toHaveLength(2)
  })

  it('asks for nothing but the files of the model', async () => {
    const engine = open({ models: { transformers: tiny }, device: 'wasm' })
    await engine.load()
    const foreign = performance.getEntriesByType('resource').filter(({ name }) => new URL(name).origin !== location.origin)
    expect(foreign).toEqual([])
  })
})

describe('failures', () => {
  it('of a missing model name it', async () => {
    await expect(open({ models: { onnx: '/models/nowhere' }, device: 'wasm' }).load()).rejects.toMatchObject({
      code: expect.stringMatching(/^model-/) as string,
      message: expect.stringContaining('nowhere') as string,
    })
  })

  it('of a worker script that cannot be fetched do not blame memory', async () => {
    const RealWorker = Worker
    vi.stubGlobal('Worker', class extends RealWorker {
      constructor(_url: URL, options?: WorkerOptions) {
        super('/no-such-worker.js?404', options)
      }
    })
    const error: unknown = await open({ device: 'wasm' }).load().catch((cause: unknown) => cause)
    expect(error).toMatchObject({ code: 'worker-crashed' })
  })

  it('of threads that never start leave one, within seconds, and the reason can be read', async () => {
    const RealWorker = Worker
    const silent = URL.createObjectURL(new Blob(['onmessage = () => undefined'], { type: 'text/javascript' }))
    let threads = 0
    vi.stubGlobal('Worker', class extends RealWorker {
      constructor(url: string | URL, options?: WorkerOptions) {
        const isThread = options?.name === 'react-edge-llm-simd-thread'
        if (isThread) threads++
        super(isThread ? silent : url, options)
      }
    })
    const engine = open({ device: 'wasm', cpuBackend: 'simd', threads: 3 })
    const model = await engine.load()
    expect(threads).toBe(2)
    expect(model).toMatchObject({ backend: 'simd', threads: 1 })
    expect(model.backendReason).toMatch(/1 thread \(more could not be started: A thread of the SIMD core did not start/)
    expect((await collect(engine, {})).finish.tokenIds).toHaveLength(8)
  })

  it.each(backends)('of a worker end the request with a typed error; the next one gets a fresh worker: $name', async ({ config }) => {
    const workers: Worker[] = []
    class RecordedWorker extends Worker {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args)
        workers.push(this)
      }
    }
    vi.stubGlobal('Worker', RecordedWorker)
    // Without shared memory the worker reads its messages between tokens.
    vi.stubGlobal('crossOriginIsolated', false)
    // Threads are workers, too.
    const engine = open({ ...config, threads: 1 })
    const before = await ids(engine, 'Hi')
    const broken = collect(engine, { content: long, maxTokens: 2000 })
    // Comlink cannot read this, so its listener throws: an uncaught error in the worker.
    setTimeout(() => workers.at(-1)!.postMessage({ id: '1', type: 'APPLY', path: [], argumentList: 1 }), 300)
    await expect(broken).rejects.toMatchObject({ code: 'worker-crashed', recoverable: true })
    expect(engine.getState()).toMatchObject({ status: 'error', error: { code: 'worker-crashed' } })
    expect(await ids(engine, 'Hi')).toEqual(before)
    expect(workers).toHaveLength(2)
  })
})

it.each(backends)('20 engines, disposed at any moment, can be followed by another: $name', async ({ config }) => {
  for (let i = 0; i < 20; i++) {
    const engine = createEngine({ models: { onnx: tiny }, ...config })
    const load = engine.load().catch(() => undefined)
    if (i % 4 === 3) await load
    else await new Promise((resolve) => setTimeout(resolve, i * 20))
    engine.dispose()
  }
  expect(await ids(open(config), 'Hi', 2)).toHaveLength(2)
})
