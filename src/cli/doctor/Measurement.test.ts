import { describe, expect, it } from 'vitest'
import { findingsOf, verdictOf } from './findings.js'
import { layerOf } from './graphValues.js'
import { Measurement } from './Measurement.js'
import type { TappedRun } from './TappedModel.js'
import type { PrecisionReport } from './types.js'

const values = ['layers.0.attn', 'layers.0.sum', 'layers.1.down', 'head'].map((tensor) => ({ tensor, operator: tensor, opType: 'MatMul', layer: layerOf(tensor), isStream: tensor.endsWith('sum') }))

function run(numbers: Record<string, number[]>, { halves = [] as string[], logits = [1, 2, 3] } = {}): TappedRun {
  const taps = new Map(Object.entries(numbers).map(([name, data]) => [name, { data: Float32Array.from(data), isHalf: halves.includes(name) }]))
  return { logits: Float32Array.from(logits), rows: 1, taps }
}

const exact = run({ 'layers.0.attn': [1, -2], 'layers.0.sum': [3, 90_000], 'layers.1.down': [1, 1], head: [5] })

function precision(beside: Measurement): PrecisionReport {
  return { dtype: 'fp16', file: 'onnx/model_fp16.onnx', arithmetic: 'native', status: 'ran', reason: null, first: beside.first(0.5), agreement: beside.agreement, layers: beside.layers() }
}

const findings = (each: PrecisionReport) => findingsOf({ layout: [], precisions: [each], graphs: undefined, streams: new Set(['layers.0.sum']) })

describe('a measurement', () => {
  it('gives the largest value of each layer, and what 16 bits could not hold', () => {
    const base = new Measurement(values)
    base.add(exact)
    expect(base.ranges()).toMatchObject([
      { layer: 0, operator: 'layers.0.sum', largest: 90_000, stream: 90_000 },
      { layer: 1, largest: 1, stream: null },
      { layer: null, operator: 'head', largest: 5 },
    ])
    expect(base.firstOver()).toMatchObject({ kind: 'overflow', operator: 'layers.0.sum', magnitude: 90_000 })
    expect(base.agreement).toBeNull()
  })

  it('names the first overflow, with its size before it was rounded', () => {
    const half = new Measurement(values)
    half.add(run({ 'layers.0.attn': [1, -2], 'layers.0.sum': [3, Infinity], 'layers.1.down': [NaN, 1], head: [NaN] }, { halves: ['layers.0.sum', 'layers.1.down'], logits: [NaN, 1, 1] }), exact)
    expect(half.first(0.5)).toMatchObject({ kind: 'overflow', operator: 'layers.0.sum', magnitude: 90_000 })
    expect(half.agreement).toMatchObject({ tokens: 1, meanKl: null })
    expect(half.layers().map(({ finite }) => finite)).toEqual([false, false, false])
    const [finding, ...others] = findings(precision(half))
    expect(finding).toMatchObject({ code: 'overflow', severity: 'error', layer: 0, message: expect.stringMatching(/residual stream reaches 90,000/) as string })
    expect(others).toEqual([])
    expect(verdictOf([precision(half)], [finding!])).toMatchObject({ ok: false, fixes: [expect.stringContaining('--dtypes fp16')] })
  })

  it('names the first operator that gives no numbers or others', () => {
    const broken = new Measurement(values)
    broken.add(run({ 'layers.0.attn': [1, NaN] }), exact)
    expect(broken.first(0.5)).toMatchObject({ kind: 'not-finite', operator: 'layers.0.attn' })
    const other = new Measurement(values)
    other.add(run({ 'layers.0.attn': [1, -2.1], 'layers.1.down': [3, -1] }, { logits: [9, -2, -3] }), exact)
    expect(other.first(0.5)).toMatchObject({ kind: 'diverged', operator: 'layers.1.down', relativeError: 2 })
    expect(other.layers()[0]!.relativeError).toBeCloseTo(0.0447, 4)
    expect(other.agreement).toMatchObject({ top1: 0 })
    expect(findings(precision(other)).map(({ code, severity }) => [code, severity])).toEqual([['diverged', 'error'], ['disagrees', 'error']])
  })

  it('has nothing to say where all is well', () => {
    const fine = new Measurement(values)
    fine.add(run({ 'layers.0.attn': [1, -2] }), exact)
    expect(fine.agreement).toEqual({ tokens: 1, top1: 1, meanKl: 0, largestKl: 0 })
    expect(findings(precision(fine))).toEqual([])
    expect(verdictOf([precision(fine)], [])).toEqual({ ok: true, summary: 'Nothing is wrong with fp16.', fixes: [] })
  })
})
