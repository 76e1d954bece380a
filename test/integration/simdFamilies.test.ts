import * as ort from 'onnxruntime-node'
import { beforeAll, describe, expect, it } from 'vitest'
import { createNodeBinding } from '../../src/inference/runtimes/onnx/nodeBinding.js'
import { openOrtDecoder } from '../../src/inference/runtimes/onnx/openOrtDecoder.js'
import type { ModelFiles } from '../../src/models/index.js'
import type { CoreModule } from '../../src/simd/index.js'
import { families, compileCore, openFixture, readFixture } from '../helpers/simd/openFixture.js'

let core: CoreModule
beforeAll(async () => {
  core = await compileCore()
})

/** Kullback–Leibler divergence of one token's logits, in nats. */
function divergence(actual: readonly number[], expected: readonly number[]): number {
  const logSum = (logits: readonly number[]) => Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0))
  const [sumA, sumE] = [logSum(actual), logSum(expected)]
  return expected.reduce((sum, logit, i) => sum + Math.exp(logit - sumE) * (logit - sumE - (actual[i]! - sumA)), 0)
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
const likeliest = (logits: readonly number[]) => logits.indexOf(Math.max(...logits))

describe.each(families)('%s: the core beside ONNX Runtime, fed one token after the other', (family) => {
  it('both give the logits of fp32 arithmetic on the same weights', async () => {
    const fixture = readFixture(family)
    const decoder = await openFixture(fixture, { core })
    const sequence = decoder.sequence()
    const { backend } = await openOrtDecoder(createNodeBinding(ort, 1), { config: fixture.config, graph: fixture.graph } as ModelFiles)
    const vocab = backend.vocabSize
    const off = { core: [] as number[], ort: [] as number[] }
    let agreeing = 0
    for (const [row, token] of fixture.tokens.entries()) {
      const expected = Array.from(fixture.logits.subarray(row * vocab, (row + 1) * vocab))
      const ours = Array.from(decoder.feed(sequence, [token]))
      const theirs = Array.from(await backend.feed([token]))
      off.core.push(divergence(ours, expected))
      off.ort.push(divergence(theirs, expected))
      if (likeliest(ours) === likeliest(expected)) agreeing++
    }
    await backend.dispose()
    // Random weights give flat, loud logits: ten times the divergence of a trained model. A wrong operator gives 1 and more.
    expect(mean(off.core)).toBeLessThan(0.003)
    expect(mean(off.ort)).toBeLessThan(0.05)
    expect(agreeing).toBeGreaterThanOrEqual(fixture.tokens.length - 1)
  })
})
