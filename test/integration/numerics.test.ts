import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import * as ort from 'onnxruntime-node'
import { createEngine, type Engine } from 'react-edge-llm/engine'
import { describe, expect, it } from 'vitest'
import { checkNumerics } from '../../src/inference/numerics/index.js'
import { createNodeBinding } from '../../src/inference/runtimes/onnx/nodeBinding.js'
import { openOrtDecoder } from '../../src/inference/runtimes/onnx/openOrtDecoder.js'
import { Random } from '../../src/inference/sampling/Random.js'
import { loadModelFiles, resolveModel, type Dtype } from '../../src/models/index.js'
import { nodeFetch } from '../../src/models/node.js'
import { modelFolder, type TestModel } from '../helpers/embeddedModel.js'
import { scaledWeights } from '../helpers/scaledWeights.js'
import { openOnSimd } from '../helpers/simd/nodePlatform.js'

const prompts = 50

async function open(model: TestModel, dtype: Dtype, backend: 'simd' | 'onnxruntime') {
  const source = resolveModel(modelFolder(model), { baseURL: 'file:///' })
  const files = await loadModelFiles(source, { device: 'cpu', adapterFeatures: [], dtype, fetch: nodeFetch })
  return backend === 'simd' ? openOnSimd(files, 1) : openOrtDecoder(createNodeBinding(ort, undefined), files)
}

const rows: [TestModel, Dtype, 'simd' | 'onnxruntime'][] = [
  ['smollm2-tiny', 'q4', 'simd'],
  ['smollm2-tiny', 'q4', 'onnxruntime'],
  ['smollm2-tiny', 'q8', 'onnxruntime'],
  ['smollm2-tiny', 'fp32', 'onnxruntime'],
]

describe('a model with weights that overflow', () => {
  async function answer(engine: Engine): Promise<number[]> {
    for await (const event of engine.generate({ messages: [{ role: 'user', content: 'What is a mill?' }], maxTokens: 8 })) {
      if (event.type === 'finish') return event.tokenIds
    }
    throw new Error('The answer has no end')
  }

  it('comes in another precision, and answers as it does by itself', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'overflow-'))
    const engines: Engine[] = []
    const open = (onnx: string, dtype: 'auto' | 'q4') => {
      const engine = createEngine({ models: { onnx }, dtype, cpuBackend: 'onnxruntime' })
      engines.push(engine)
      return engine
    }
    try {
      cpSync(modelFolder('smollm2-tiny'), folder, { recursive: true, dereference: true })
      const graph = path.join(folder, 'onnx/model.onnx')
      writeFileSync(graph, scaledWeights(readFileSync(graph), 2 ** 126, (name) => /layers\.0\..*down_proj/.test(name)))
      const manifest = path.join(folder, 'manifest.json')
      const dtypes = { fp32: { file: 'onnx/model.onnx' }, q4: { file: 'onnx/model_q4.onnx' } }
      writeFileSync(manifest, JSON.stringify({ formatVersion: 1, dtypes }))
      const engine = open(folder, 'auto')
      const model = await engine.load()
      expect(model).toMatchObject({ dtype: 'q4', numerics: { method: 'sanity' } })
      expect(model.warnings).toMatchObject([{ code: 'numerics-fallback', backend: 'onnxruntime-node', dtype: 'fp32', numerics: { problem: expect.any(String) as string } }])
      expect(await answer(engine)).toEqual(await answer(open(modelFolder('smollm2-tiny'), 'q4')))
    } finally {
      for (const engine of engines) engine.dispose()
      rmSync(folder, { recursive: true })
    }
  })
})

describe('the check of numbers', () => {
  it.each(rows)(`gives no alarm for %s in %s on %s, whatever ${prompts} prompts of random tokens it is made with`, async (model, dtype, backend) => {
    const { backend: decoder, device } = await open(model, dtype, backend)
    const random = new Random(7)
    const reports = []
    for (let i = 0; i < prompts; i++) {
      const ids = Array.from({ length: 8 }, () => Math.floor(random.next() * decoder.vocabSize))
      // As on GPUs, with more tokens than CPUs take.
      reports.push(await checkNumerics({ backend: decoder, device: i % 2 ? 'webgpu' : device, dtype, reference: undefined, tokens: () => ids }))
    }
    await decoder.dispose()
    expect(reports.filter(({ problem }) => problem !== undefined)).toEqual([])
    // Far from what is called wrong, so that there is room for other models.
    expect(Math.max(...reports.map(({ inconsistency }) => inconsistency!))).toBeLessThan(1)
    expect(Math.max(...reports.map(({ largestLogit }) => largestLogit))).toBeLessThan(1000)
  })
})
