import * as ort from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { checkNumerics, parseReference } from '../../src/inference/numerics/index.js'
import { createNodeBinding } from '../../src/inference/runtimes/onnx/nodeBinding.js'
import { openOrtDecoder } from '../../src/inference/runtimes/onnx/openOrtDecoder.js'
import { Random } from '../../src/inference/sampling/Random.js'
import { argmax, logSumExp } from '../../src/inference/sampling/Sampler.js'
import { loadModelFiles, resolveModel, type Dtype } from '../../src/models/index.js'
import { nodeFetch } from '../../src/models/node.js'
import { modelFolder, type TestModel } from '../helpers/embeddedModel.js'
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
  ['function-caller', 'q4', 'simd'],
  ['function-caller', 'q8', 'onnxruntime'],
  ['smollm2-135m-instruct', 'fp32', 'onnxruntime'],
]

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

  it('compares with a reference from fp32, and finds another model by it', async () => {
    const ids = [1, 9690, 198, 2683, 359, 253, 5356, 5646, 11173, 3365, 3511, 308, 34519, 28, 7018, 411]
    const { backend: exact } = await open('smollm2-135m-instruct', 'fp32', 'onnxruntime')
    const positions = []
    for (const position of [3, 7, 15]) {
      const logits = (await exact.feed(ids.slice(exact.length, position + 1))).slice()
      const best = [...logits.keys()].sort((a, b) => logits[b]! - logits[a]!).slice(0, 16)
      expect(best[0]).toBe(argmax(logits))
      positions.push({ position, logSumExp: logSumExp(logits), ids: best, logits: best.map((id) => Number(logits[id]!.toFixed(4))) })
    }
    const reference = parseReference({ formatVersion: 1, probe: { ids }, positions, expected: { fp32: { limitKl: 0.001 } } }, exact.vocabSize)
    const compare = async (decoder: typeof exact, dtype: Dtype) =>
      checkNumerics({ backend: decoder, device: 'webgpu', dtype, reference, tokens: () => ids }).finally(() => decoder.dispose())
    await exact.truncate(0)
    const right = await compare(exact, 'fp32')
    expect(right).toMatchObject({ method: 'reference', tokens: 17 })
    expect(right.problem).toBeUndefined()
    const rounded = await compare((await open('smollm2-135m-instruct', 'q8', 'onnxruntime')).backend, 'q8')
    expect(rounded.divergence).toBeGreaterThan(right.divergence!)
    expect(rounded.divergence).toBeLessThan(1)
    const other = await compare((await open('smollm2-tiny', 'fp32', 'onnxruntime')).backend, 'fp32')
    expect(other.problem).toBe('diverged')
    expect(other.divergence).toBeGreaterThan(1)
  })
})
