import * as ort from 'onnxruntime-node'
import { createEngine } from 'react-edge-llm/engine'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { loadCPURuntime, type CPUPlatform } from '../../src/inference/loadCPURuntime.js'
import type { Runtime } from '../../src/inference/Runtime.js'
import type { AbortProbe } from '../../src/inference/generate/AbortProbe.js'
import { createNodeBinding } from '../../src/inference/runtimes/onnx/nodeBinding.js'
import type { SimdPlatform } from '../../src/inference/runtimes/simd/SimdPlatform.js'
import type { CPUBackend, GenerateEvent } from '../../src/inference/types.js'
import { NodeStorage, nodeFetch } from '../../src/models/node.js'
import type { Thread } from '../../src/simd/index.js'
import { simdThreadSpawner } from '../../src/worker/simdThread.node.js'
import { modelFolder, type TestModel } from '../helpers/embeddedModel.js'
import { patchAttribute, patchedFixture, type Patched } from '../helpers/simd/patchedFixture.js'
import { nodePlatform } from '../helpers/simd/nodePlatform.js'
import { nodeLoadRequest } from '../helpers/nodeLoadRequest.js'

const fixtures: Patched[] = []
afterEach(() => {
  vi.restoreAllMocks()
  fixtures.splice(0).forEach((fixture) => fixture.remove())
})

function load(folder: string, simd: Partial<SimdPlatform> = {}, { cpuBackend = 'auto' as CPUBackend, threads = 1 } = {}): Promise<Runtime> {
  const request = nodeLoadRequest(folder, { dtype: 'q4', threads, cpuBackend })
  const platform: CPUPlatform = {
    openBinding: () => Promise.resolve(createNodeBinding(ort, 1)),
    simd: { ...nodePlatform(threads), ...simd },
    storage: new NodeStorage(),
    fetch: nodeFetch,
  }
  return loadCPURuntime(request, platform, () => undefined)
}

async function ids(runtime: Runtime, probe: AbortProbe = { check: () => false }, maxTokens = 4): Promise<number[]> {
  const events: GenerateEvent[] = []
  const request = { messages: [{ role: 'user' as const, content: 'Hi' }], maxTokens }
  await runtime.generate(request, (update) => events.push(...update.events), probe)
  const finish = events.at(-1)
  if (finish?.type !== 'finish') throw new Error('The last event is not `finish`')
  return finish.tokenIds
}

const tiny = () => modelFolder('smollm2-tiny')

describe('where the core cannot start, ONNX Runtime does the same work and says why', () => {
  const page = new TextEncoder().encode('<!doctype html><title>App</title>')
  it.each<[string, TestModel, number, Partial<SimdPlatform>, RegExp]>([
    ['core.wasm is missing', 'smollm2-tiny', 1, { readCore: () => Promise.reject(new Error('ENOENT: no such file')) }, /core\.wasm.*ENOENT/],
    ['core.wasm is an HTML page', 'smollm2-tiny', 1, { readCore: () => Promise.resolve(page) }, /cannot compile the SIMD core/],
    ['core.wasm is cut off', 'smollm2-tiny', 1, { readCore: async () => (await nodePlatform(1).readCore()).subarray(0, 20_000) }, /cannot compile the SIMD core/],
    ['core.wasm is missing, and weights lie in its memory', 'smollm2-135m-instruct', 1, { readCore: () => Promise.reject(new Error('ENOENT')) }, /ENOENT/],
    ['core.wasm is missing, and weights lie in shared memory', 'smollm2-135m-instruct', 2, { readCore: () => Promise.reject(new Error('ENOENT')) }, /ENOENT/],
  ])('%s', async (_, model, threads, simd, reason) => {
    const runtime = await load(modelFolder(model), simd, { threads })
    expect(runtime.model).toMatchObject({ backend: 'onnxruntime-node', dtype: 'q4', backendReason: expect.stringMatching(reason) as string })
    expect(await ids(runtime)).toHaveLength(4)
    await runtime.dispose()
    await expect(load(modelFolder(model), simd, { threads, cpuBackend: 'simd' })).rejects.toMatchObject({ code: 'session-failed' })
  })

  it.each([1, 2])('its memory cannot be had (%i threads)', async (threads) => {
    vi.spyOn(WebAssembly, 'Memory').mockImplementation(function () {
      throw new RangeError('could not allocate memory')
    })
    const runtime = await load(modelFolder('smollm2-135m-instruct'), {}, { threads })
    expect(runtime.model).toMatchObject({ backend: 'onnxruntime-node', backendReason: expect.stringContaining('MiB of memory') as string })
    await runtime.dispose()
    await expect(load(tiny(), {}, { cpuBackend: 'simd' })).rejects.toMatchObject({ code: 'out-of-memory' })
  })
})

describe('threads', () => {
  it('that cannot start leave one, with the reason, and the same tokens', async () => {
    const alone = await load(tiny())
    const expected = await ids(alone, undefined, 12)
    await alone.dispose()
    const runtime = await load(tiny(), { spawn: simdThreadSpawner(new URL('file:///nowhere/worker.js')) }, { threads: 3 })
    expect(runtime.model).toMatchObject({ backend: 'simd', threads: 1, backendReason: expect.stringMatching(/1 thread \(more could not be started: .*nowhere/) as string })
    expect(await ids(runtime, undefined, 12)).toEqual(expected)
    await runtime.dispose()
  })

  it('that cannot start because memory cannot be shared leave one', async () => {
    const { Memory } = WebAssembly
    class UnsharedMemory extends Memory {
      constructor(descriptor: WebAssembly.MemoryDescriptor) {
        if (descriptor.shared) throw new RangeError('could not allocate memory')
        super(descriptor)
      }
    }
    vi.spyOn(WebAssembly, 'Memory', 'get').mockReturnValue(UnsharedMemory)
    const runtime = await load(modelFolder('smollm2-135m-instruct'), {}, { threads: 2 })
    expect(runtime.model).toMatchObject({ backend: 'simd', threads: 1, backendReason: expect.stringContaining('no memory that they can share') as string })
    expect(await ids(runtime)).toHaveLength(4)
    await runtime.dispose()
  })

  it('of which one dies while it works end the request with a typed error, and a new load works', async () => {
    const threads: Thread[] = []
    const { spawn } = nodePlatform(3)
    const keep: SimdPlatform['spawn'] = async (init) => {
      const thread = await spawn(init)
      threads.push(thread)
      return thread
    }
    const runtime = await load(tiny(), { spawn: keep }, { threads: 3 })
    expect(runtime.model.threads).toBe(3)
    let checks = 0
    const killer: AbortProbe = {
      async check() {
        if (++checks === 6) {
          threads[0]!.terminate()
          await new Promise((resolve) => setTimeout(resolve, 100))
        }
        return false
      },
    }
    const started = performance.now()
    await expect(ids(runtime, killer, 50)).rejects.toMatchObject({ code: 'session-failed', recoverable: true })
    // Node tells a thread that waits that another is gone; its patience alone would be 5 s.
    expect(performance.now() - started).toBeLessThan(4_000)
    await runtime.dispose()
    const next = await load(tiny(), {}, { threads: 3 })
    expect(await ids(next)).toHaveLength(4)
    await next.dispose()
  })
})

describe('models that the core cannot run', () => {
  it.each([
    ['fp32', 'its weights are fp32 (MatMul'],
    ['q8', 'its weights are 8-bit with one scale for many inputs (MatMulIntegerToFloat'],
  ] as const)('run on ONNX Runtime, which says why; asked for the core, it is an error: %s', async (dtype, reason) => {
    const config = { models: { onnx: tiny() }, dtype }
    const engine = createEngine(config)
    const model = await engine.load()
    engine.dispose()
    expect(model).toMatchObject({ backend: 'onnxruntime-node', backendReason: expect.stringContaining(`the SIMD core cannot, because ${reason}`) as string })
    const strict = createEngine({ ...config, cpuBackend: 'simd' })
    await expect(strict.load()).rejects.toMatchObject({ code: 'unsupported-architecture', subject: 'cpuBackend', message: expect.stringContaining(`cannot run this model, because ${reason}`) as string })
    expect(strict.getState().status).toBe('unsupported')
    strict.dispose()
  })

  it.each<[string, string, number, RegExp]>([
    ['an unknown block size', 'block_size', 48, /has blocks of 48, which is none of 16|not whole blocks/],
    ['wrong shapes of matrices', 'N', 60, /./],
    ['a wrong number of heads', 'num_heads', 3, /./],
  ])('%s is a typed error on any backend', async (_, attribute, value, reason) => {
    const fixture = patchedFixture('llama', (bytes) => patchAttribute(bytes, attribute, value))
    fixtures.push(fixture)
    await expect(load(fixture.folder, {}, { cpuBackend: 'simd' })).rejects.toMatchObject({
      code: expect.stringMatching(/^(unsupported-architecture|model-corrupt)$/) as string,
      message: expect.stringMatching(reason) as string,
    })
    await expect(load(fixture.folder).then((runtime) => ids(runtime))).rejects.toMatchObject({
      code: expect.stringMatching(/^(unsupported-architecture|model-corrupt|session-failed)$/) as string,
    })
  })

  it.each([0.02, 0.5, 0.98])('a file cut off at %d of its length is a typed error', async (part) => {
    const fixture = patchedFixture('llama', (bytes) => bytes.subarray(0, Math.floor(part * bytes.length)))
    fixtures.push(fixture)
    for (const threads of [1, 2]) await expect(load(fixture.folder, {}, { threads })).rejects.toMatchObject({ code: 'model-corrupt' })
  })
})
