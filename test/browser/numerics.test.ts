import { createEngine, type Engine, type LLMConfig, type ReadyModel } from 'react-edge-llm/engine'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { scaledWeights } from '../helpers/scaledWeights.js'

const tiny = '/models/smollm2-tiny'
const engines: Engine[] = []

afterEach(() => {
  vi.restoreAllMocks()
  engines.splice(0).forEach((engine) => engine.dispose())
})

function open(config: Partial<LLMConfig>): Engine {
  const engine = createEngine({ models: { onnx: tiny }, ...config })
  engines.push(engine)
  return engine
}

async function answer(engine: Engine): Promise<number[]> {
  for await (const event of engine.generate({ messages: [{ role: 'user', content: 'What is a mill?' }], maxTokens: 6 })) {
    if (event.type === 'finish') return event.tokenIds
  }
  throw new Error('The answer has no end')
}

const file = async (path: string) => new Uint8Array(await (await fetch(`${tiny}/${path}`)).arrayBuffer())
const graphs = { fp32: 'onnx/model.onnx', q8: 'onnx/model_quantized.onnx', q4: 'onnx/model_q4.onnx' } as const
type Available = keyof typeof graphs

/** The tiny model in some precisions, of which `broken` has weights that overflow. Lies in the page's memory. */
async function brokenModel(dtypes: readonly Available[], broken: Available): Promise<string> {
  const small = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'chat_template.jinja', 'generation_config.json']
  const files = new Map<string, Uint8Array>(await Promise.all(small.map(async (path) => [path, await file(path)] as const)))
  for (const dtype of dtypes) {
    const graph = await file(graphs[dtype])
    files.set(graphs[dtype], dtype === broken ? scaledWeights(graph, 2 ** 126, (name) => /layers\.0\..*down_proj/.test(name)) : graph)
  }
  const listed = Object.fromEntries(dtypes.map((dtype) => [dtype, { file: graphs[dtype] }]))
  files.set('manifest.json', new TextEncoder().encode(JSON.stringify({ formatVersion: 1, dtypes: listed })))
  const urls = [...files].map(([path, bytes]) => [path, URL.createObjectURL(new Blob([bytes.slice()]))])
  return URL.createObjectURL(new Blob([JSON.stringify(Object.fromEntries(urls))], { type: 'application/json' }))
}

const tried = ({ warnings }: ReadyModel) =>
  warnings?.map((warning) => (warning.code === 'numerics-fallback' ? `${warning.device} ${warning.dtype} ${warning.numerics.problem}` : warning.code))

/** Lets this page take the software adapter for a real one. */
async function pretendToHaveAGPU(): Promise<void> {
  const { gpu } = navigator as unknown as { gpu: { requestAdapter(): Promise<object> } }
  const adapter = await gpu.requestAdapter()
  const real = new Proxy(adapter, {
    get: (target, name) => {
      const value: unknown = name === 'info' ? { vendor: 'test' } : Reflect.get(target, name)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
  vi.spyOn(gpu, 'requestAdapter').mockResolvedValue(real)
}

describe('weights that overflow', () => {
  it('on the GPU: another precision is taken, and answers as it does by itself', async () => {
    const engine = open({ models: { onnx: await brokenModel(['q4', 'fp32'], 'q4') }, device: 'webgpu' })
    const model = await engine.load()
    expect(tried(model)).toEqual(['webgpu q4 not-finite'])
    expect(model).toMatchObject({ device: 'webgpu', dtype: 'fp32', numerics: { method: 'sanity' } })
    expect(await answer(engine)).toEqual(await answer(open({ device: 'webgpu', dtype: 'fp32' })))
  })

  it('on the GPU, where no other precision suits it: the CPU is taken', async () => {
    await pretendToHaveAGPU()
    const engine = open({ models: { onnx: await brokenModel(['q4', 'q8'], 'q4') } })
    const model = await engine.load()
    expect(tried(model)).toEqual(['webgpu q4 not-finite', 'wasm q4 not-finite'])
    expect(model).toMatchObject({ device: 'wasm', dtype: 'q8' })
    expect(model.deviceReason).toMatch(/q4 computes wrongly on webgpu/)
    expect(await answer(engine)).toEqual(await answer(open({ device: 'wasm', dtype: 'q8' })))
  })

  it('on the SIMD core: ONNX Runtime takes another precision', async () => {
    const engine = open({ models: { onnx: await brokenModel(['q4', 'q8'], 'q4') }, device: 'wasm' })
    const model = await engine.load()
    expect(tried(model)).toEqual(['wasm q4 not-finite'])
    expect(model).toMatchObject({ backend: 'onnxruntime-web/wasm', dtype: 'q8' })
    expect(await answer(engine)).toEqual(await answer(open({ device: 'wasm', dtype: 'q8' })))
  })

  it.each(['webgpu', 'wasm'] as const)('that nothing can stand in for are an error, on %s', async (device) => {
    const models = { onnx: await brokenModel(['q4'], 'q4') }
    await expect(open({ models, device }).load()).rejects.toMatchObject({ code: 'numerics-failed' })
    const unchecked = open({ models, device, numericsCheck: false })
    expect((await unchecked.load()).numerics).toBeUndefined()
    await expect(answer(unchecked)).rejects.toMatchObject({ code: 'session-failed' })
  })
})

describe('no alarm', () => {
  const rows: [string, LLMConfig['device'], LLMConfig['dtype'], LLMConfig['cpuBackend']][] = [
    [tiny, 'wasm', 'q4', 'simd'],
    [tiny, 'wasm', 'q4', 'onnxruntime'],
    [tiny, 'wasm', 'q8', 'onnxruntime'],
    [tiny, 'wasm', 'fp32', 'onnxruntime'],
    [tiny, 'webgpu', 'q4', 'auto'],
    [tiny, 'webgpu', 'fp32', 'auto'],
    ['/models/function-caller', 'wasm', 'q4', 'simd'],
    ['/models/function-caller', 'wasm', 'q8', 'onnxruntime'],
    ['/models/function-caller', 'webgpu', 'q4', 'auto'],
  ]
  it.each(rows)('for %s on %s in %s (%s)', async (onnx, device, dtype, cpuBackend) => {
    const { numerics, warnings, loadMs } = await open({ models: { onnx }, device, dtype, cpuBackend }).load()
    // What it costs: 5 % of the load, and as much as a slow machine may be late.
    if (onnx !== tiny && device === 'wasm') expect(numerics?.ms).toBeLessThan(0.05 * loadMs + 40)
    expect(numerics).toMatchObject({ method: 'sanity' })
    expect(numerics?.problem).toBeUndefined()
    expect(warnings).toBeUndefined()
  })
})
