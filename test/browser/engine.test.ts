import { createEngine, type Engine, type GenerateEvent, type GenerateRequest, type LLMConfig } from 'react-edge-llm/engine'
import { afterEach, describe, expect, it, vi } from 'vitest'

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

async function collect(engine: Engine, request: Partial<GenerateRequest> & { content?: string }, signal?: AbortSignal) {
  const { content = 'Hi', ...rest } = request
  const messages = [{ role: 'user' as const, content }]
  const events: GenerateEvent[] = []
  for await (const event of engine.generate({ messages, maxTokens: 8, ...rest }, { signal })) events.push(event)
  const finish = events.at(-1)
  if (finish?.type !== 'finish') throw new Error('The last event is not `finish`')
  return { events, finish }
}

const ids = async (engine: Engine, content: string, maxTokens = 8) =>
  (await collect(engine, { content, maxTokens })).finish.tokenIds

const long = 'Tell me more about the river and the old mill. '.repeat(20)

describe('on WASM', () => {
  it('loads, generates and tells how', async () => {
    const engine = open({ device: 'wasm' })
    const model = await engine.load()
    expect(model).toMatchObject({ backend: 'onnxruntime-web/wasm', device: 'wasm', dtype: 'q8', deviceReason: 'The config asks for WASM.' })
    expect(model.threads).toBe(Math.min(4, navigator.hardwareConcurrency))
    expect(model.memoryBytes).toBeGreaterThan(6_000_000)
    const { events, finish } = await collect(engine, {})
    expect(events[0]).toMatchObject({ type: 'start' })
    expect(finish.tokenIds).toHaveLength(8)
  })

  it('gives the same tokens with one thread as with several', async () => {
    const one = await ids(open({ device: 'wasm', threads: 1 }), long)
    expect(one).toEqual(await ids(open({ device: 'wasm', threads: 2 }), long))
  })

  it('is taken, with the reason, where the only GPU is a software one', async () => {
    const model = await open({ device: 'auto' }).load()
    expect(model.device).toBe('wasm')
    expect(model.deviceReason).toMatch(/software/)
  })

  it.each(['with', 'without'])('ends an abort within 200 ms %s shared memory, and goes on', async (kind) => {
    if (kind === 'without') vi.stubGlobal('crossOriginIsolated', false)
    const engine = open({ models: { onnx: '/models/smollm2-135m-instruct' }, device: 'wasm' })
    await engine.load()
    // 150 ms: in the middle of prefill. 3 s: while it decodes.
    for (const [content, wait] of [[long, 150], ['Tell me a story.', 3000]] as const) {
      const controller = new AbortController()
      let aborted = 0
      setTimeout(() => {
        aborted = performance.now()
        controller.abort()
      }, wait)
      const { finish } = await collect(engine, { content, maxTokens: 500 }, controller.signal)
      expect(performance.now() - aborted).toBeLessThan(200)
      expect(finish.reason).toBe('abort')
    }
    const started = performance.now()
    expect(await ids(engine, 'Hi', 2)).toHaveLength(2)
    // The worker noticed the abort, too: 500 tokens would have taken longer.
    expect(performance.now() - started).toBeLessThan(12_000)
  })

  it('gives up a load at once and can load again', async () => {
    const engine = open({ models: { onnx: '/models/smollm2-135m-instruct' }, device: 'wasm' })
    const controller = new AbortController()
    const load = engine.load({ signal: controller.signal })
    await vi.waitFor(() => expect(engine.getState().status).not.toBe('idle'))
    setTimeout(() => controller.abort(), 100)
    await expect(load).rejects.toMatchObject({ code: 'load-aborted' })
    expect(engine.getState()).toEqual({ status: 'idle' })
    expect(await ids(engine, 'Hi', 2)).toHaveLength(2)
  })
})

describe('on WebGPU', () => {
  it('gives the tokens that Transformers.js gives there, also when it reuses a prefix', async () => {
    const onnx = open({ device: 'webgpu', dtype: 'fp32' })
    const transformers = open({ models: { transformers: tiny }, device: 'webgpu', dtype: 'fp32' })
    const model = await onnx.load()
    expect(model).toMatchObject({ backend: 'onnxruntime-web/webgpu', device: 'webgpu', dtype: 'fp32' })
    expect(model.deviceReason).toMatch(/adapter and device found/)
    for (const content of [long, `${long} And then?`]) {
      expect(await ids(onnx, content, 3)).toEqual(await ids(transformers, content, 3))
    }
    const { finish } = await collect(onnx, { content: `${long} Or not?`, maxTokens: 1 })
    expect(finish.metrics.reusedTokens).toBeGreaterThan(128)
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
    expect(await ids(transformers, 'Why?', 24)).toEqual(await ids(open({ device: 'wasm' }), 'Why?', 24))
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

  it('of a worker end the request with a typed error; the next one gets a fresh worker', async () => {
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
    const engine = open({ device: 'wasm' })
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

it('20 engines, disposed at any moment, can be followed by another', async () => {
  for (let i = 0; i < 20; i++) {
    const engine = createEngine({ models: { onnx: tiny }, device: 'wasm' })
    const load = engine.load().catch(() => undefined)
    if (i % 4 === 3) await load
    else await new Promise((resolve) => setTimeout(resolve, i * 20))
    engine.dispose()
  }
  expect(await ids(open({ device: 'wasm' }), 'Hi', 2)).toHaveLength(2)
})
