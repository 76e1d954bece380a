import { createEngine, type Engine, type LLMConfig, type ReadyModel } from 'react-edge-llm/engine'
import { afterEach, describe, expect, inject, it } from 'vitest'
import { scaledWeights } from '../helpers/scaledWeights.js'

const tiny = '/models/smollm2-tiny'
const engines: Engine[] = []

afterEach(() => {
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

describe('weights that overflow', () => {
  it('on ONNX Runtime: another precision is taken, and answers as it does by itself', async () => {
    const config = { device: 'wasm', cpuBackend: 'onnxruntime' } as const
    const engine = open({ ...config, models: { onnx: await brokenModel(['q4', 'q8'], 'q8') } })
    const model = await engine.load()
    expect(tried(model)).toEqual(['wasm q8 not-finite'])
    expect(model).toMatchObject({ backend: 'onnxruntime-web/wasm', dtype: 'q4', numerics: { method: 'sanity' } })
    expect(await answer(engine)).toEqual(await answer(open({ ...config, dtype: 'q4' })))
  })

  it('that nothing can stand in for are an error; unchecked, the model loads', async () => {
    const config: Partial<LLMConfig> = { models: { onnx: await brokenModel(['q4'], 'q4') }, device: 'wasm', cpuBackend: 'onnxruntime' }
    await expect(open(config).load()).rejects.toMatchObject({ code: 'numerics-failed' })
    expect((await open({ ...config, numericsCheck: false }).load()).numerics).toBeUndefined()
  })

  // The software adapter takes half a minute for each of these.
  it.runIf(inject('isLong'))('on the GPU: another precision is taken', async () => {
    const engine = open({ models: { onnx: await brokenModel(['q4', 'fp32'], 'q4') }, device: 'webgpu' })
    const model = await engine.load()
    expect(tried(model)).toEqual(['webgpu q4 not-finite'])
    expect(model).toMatchObject({ device: 'webgpu', dtype: 'fp32', numerics: { method: 'sanity' } })
    expect(await answer(engine)).toEqual(await answer(open({ device: 'webgpu', dtype: 'fp32' })))
  })
})

it.each([
  [tiny, 'q4', 'simd'],
  [tiny, 'q4', 'onnxruntime'],
  [tiny, 'q8', 'onnxruntime'],
  [tiny, 'fp32', 'onnxruntime'],
  ['/models/function-caller', 'q4', 'simd'],
] as const)('no alarm for %s in %s on %s', async (onnx, dtype, cpuBackend) => {
  const { numerics, warnings } = await open({ models: { onnx }, device: 'wasm', dtype, cpuBackend }).load()
  expect(numerics?.problem).toBeUndefined()
  expect(numerics?.tokens).toBeGreaterThan(0)
  expect(warnings).toBeUndefined()
})
