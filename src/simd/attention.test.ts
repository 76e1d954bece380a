import { beforeAll, describe, expect, it } from 'vitest'
import { AttentionModel, attentionEntry, randomVectors, type AttentionShape } from '../../test/helpers/simd/AttentionModel.js'
import { Operators } from '../../test/helpers/simd/compileOperators.js'

let core: Operators
beforeAll(async () => {
  core = await Operators.compile(attentionEntry, 2048)
}, 60_000)

const shapes: Record<string, AttentionShape> = {
  SmolLM2: { heads: 9, keyValueHeads: 3, headDim: 64 },
  'Gemma 3': { heads: 4, keyValueHeads: 1, headDim: 256, window: 20, attentionScale: 1 / 16 },
  'Gemma 2': { heads: 8, keyValueHeads: 4, headDim: 128, window: 37, attentionCap: 50 },
  'Qwen 2.5': { heads: 14, keyValueHeads: 2, headDim: 64 },
  'many heads': { heads: 32, keyValueHeads: 1, headDim: 80 },
  'own keys': { heads: 5, keyValueHeads: 5, headDim: 24 },
  'odd dimensions': { heads: 6, keyValueHeads: 2, headDim: 10 },
}
const names = Object.keys(shapes)

function model(name: string, change: Partial<AttentionShape> = {}): AttentionModel {
  core.reset()
  return new AttentionModel(core, { ...shapes[name]!, ...change })
}

describe('attention', () => {
  it.each(names)('%s: agrees with double precision', (name) => {
    const it = model(name)
    const input = randomVectors(it, 101)
    const output = it.run(input, [101])
    const truth = reference(it, input)
    const largest = truth.reduce((max, y) => Math.max(max, Math.abs(y)), 0)
    const error = output.reduce((max, y, i) => Math.max(max, Math.abs(y - truth[i]!)), 0)
    expect(largest).toBeGreaterThan(2)
    expect(error / largest).toBeLessThan(2e-6)
  })

  it.each(names)('%s: one by one, in chunks and at once give the same bits', (name) => {
    const tokens = 77
    const outputs = [[tokens], Array<number>(tokens).fill(1), [1, 2, 3, 4, 5, 31, 1, 30], [40, 37]].map((chunks) => {
      const it = model(name)
      return bits(it.run(randomVectors(it, tokens), chunks))
    })
    for (const output of outputs) expect(output).toEqual(outputs[0])
  })

  it.each(names)('%s: any number of threads gives the same bits', (name) => {
    for (const chunks of [[50], [49, 1], [45, 5]]) {
      const outputs = [1, 2, 3, 4, 7, 16].map((threads) => {
        const it = model(name)
        return bits(it.run(randomVectors(it, 50), chunks, { threads }))
      })
      for (const output of outputs) expect(output).toEqual(outputs[0])
    }
  })

  it.each(names)('%s: pages may lie anywhere', (name) => {
    const outputs = [false, true].map((scattered) => {
      const it = model(name)
      return bits(it.run(randomVectors(it, 130), [120, 10], { scattered }))
    })
    expect(outputs[1]).toEqual(outputs[0])
  })

  it('a window that reaches over all tokens changes nothing, a smaller one does, and hides what is before it', () => {
    const run = (window: number, change?: (input: ReturnType<typeof randomVectors>) => void) => {
      const it = model('SmolLM2', { window })
      const input = randomVectors(it, 90)
      change?.(input)
      return bits(it.run(input, [60, 30]))
    }
    const all = run(0)
    expect(run(90)).toEqual(all)
    expect(run(1000)).toEqual(all)
    expect(run(30)).not.toEqual(all)
    const last = (output: number[]) => output.slice(-9 * 64)
    const hidden = run(30, ({ keys, values }) => {
      keys.fill(7, 0, 60 * 3 * 64)
      values.fill(7, 0, 60 * 3 * 64)
    })
    expect(last(hidden)).toEqual(last(run(30)))
  })

  it('a token that is not a number harms none before it', () => {
    const it = model('SmolLM2')
    const input = randomVectors(it, 40)
    const clean = bits(it.run(input, [40]))
    input.keys[22 * 3 * 64 + 5] = NaN
    input.values[22 * 3 * 64 + 5] = NaN
    const again = model('SmolLM2')
    const output = again.run(input, [40])
    expect(bits(output).slice(0, 22 * 9 * 64)).toEqual(clean.slice(0, 22 * 9 * 64))
    expect(output[22 * 9 * 64]).toBeNaN()
    expect(output[39 * 9 * 64]).toBeNaN()
  })

  it('what free memory held before makes no difference', () => {
    const [clean, dirty] = [0, 0xff].map((byte) => {
      const it = model('odd dimensions')
      it.soil(byte)
      return bits(it.run(randomVectors(it, 45), [41, 4]))
    })
    expect(dirty).toEqual(clean)
  })
})

function bits(floats: Float32Array): number[] {
  return [...new Int32Array(floats.slice().buffer)]
}

/** The textbook's formula in double precision, on keys and values as 16 bits keep them. */
function reference(model: AttentionModel, input: ReturnType<typeof randomVectors>): number[] {
  const { queries, tokens } = input
  const { heads, keyValueHeads, headDim, window, attentionScale, attentionCap } = model.shape
  const keys = kept(input.keys, headDim)
  const values = kept(input.values, headDim)
  const output: number[] = []
  for (let token = 0; token < tokens; token++) {
    for (let head = 0; head < heads; head++) {
      const q = queries.subarray((token * heads + head) * headDim, (token * heads + head + 1) * headDim)
      const first = window ? Math.max(0, token - window + 1) : 0
      const place = (t: number) => (t * keyValueHeads + Math.floor((head * keyValueHeads) / heads)) * headDim
      const scores: number[] = []
      for (let t = first; t <= token; t++) {
        const score = q.reduce((sum, x, i) => sum + x * keys[place(t) + i]!, 0) * attentionScale
        scores.push(attentionCap ? attentionCap * Math.tanh(score / attentionCap) : score)
      }
      const max = Math.max(...scores)
      const weights = scores.map((score) => Math.exp(score - max))
      const total = weights.reduce((a, b) => a + b)
      for (let i = 0; i < headDim; i++) {
        output.push(weights.reduce((sum, weight, t) => sum + (weight / total) * values[place(first + t) + i]!, 0))
      }
    }
  }
  return output
}

/** Each vector as int16 times its scale. */
function kept(vectors: Float32Array, length: number): Float32Array {
  const result = new Float32Array(vectors.length)
  for (let at = 0; at < vectors.length; at += length) {
    const max = vectors.subarray(at, at + length).reduce((max, x) => Math.max(max, Math.abs(x)), 0)
    const factor = Math.fround(32767 / max)
    for (let i = at; i < at + length; i++) result[i] = (nearestEven(Math.fround(vectors[i]! * factor)) * max) / 32767
  }
  return result
}

function nearestEven(x: number): number {
  const rounded = Math.round(x)
  return rounded - x === 0.5 && rounded % 2 ? rounded - 1 : rounded
}
