import { beforeAll, describe, expect, it } from 'vitest'
import { AttentionModel, attentionEntry, randomVectors, type AttentionShape } from '../../test/helpers/simd/AttentionModel.js'
import { kept, keptTurned, largest } from './testing/kept.js'
import { Operators } from '../../test/helpers/simd/compileOperators.js'

let core: Operators
beforeAll(async () => {
  core = await Operators.compile(attentionEntry, 256)
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
  it.each(names)('%s: agrees with double precision, as far as exponentials and weights do', (name) => {
    const it = model(name)
    const input = randomVectors(it, 101)
    const output = it.run(input, [101])
    const truth = reference(it, input)
    const loudest = truth.reduce((max, y) => Math.max(max, Math.abs(y)), 0)
    const error = output.reduce((max, y, i) => Math.max(max, Math.abs(y - truth[i]!)), 0)
    expect(loudest).toBeGreaterThan(1.5)
    expect(error / loudest).toBeLessThan(3e-4)
  })

  it.each(names)('%s: one by one, in chunks and at once give the same bits', (name) => {
    const tokens = 141
    const outputs = [[tokens], Array<number>(tokens).fill(1), [1, 2, 3, 4, 5, 63, 1, 62], [72, 69]].map((chunks) => {
      const it = model(name)
      return bits(it.run(randomVectors(it, tokens), chunks))
    })
    for (const output of outputs) expect(output).toEqual(outputs[0])
  })

  it.each(names)('%s: any number of threads gives the same bits', (name) => {
    for (const chunks of [[150], [149, 1], [142, 8]]) {
      const outputs = [1, 2, 3, 7].map((threads) => {
        const it = model(name)
        return bits(it.run(randomVectors(it, 150), chunks, { threads }))
      })
      for (const output of outputs) expect(output).toEqual(outputs[0])
    }
  }, 60_000)

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

/** The textbook's formula in double precision, on queries, keys and values as the core rounds them. */
function reference(model: AttentionModel, input: ReturnType<typeof randomVectors>): number[] {
  const { tokens } = input
  const { heads, keyValueHeads, headDim, window, attentionScale, attentionCap } = model.shape
  const each = (all: Float32Array, round: typeof kept, most: number) =>
    Array.from({ length: all.length / headDim }, (_, i) => round(all.subarray(i * headDim, (i + 1) * headDim), most)).flat()
  const queries = each(input.queries, keptTurned, largest.query)
  const keys = each(input.keys, keptTurned, largest.key(headDim))
  const values = each(input.values, kept, largest.value)
  const output: number[] = []
  for (let token = 0; token < tokens; token++) {
    for (let head = 0; head < heads; head++) {
      const q = queries.slice((token * heads + head) * headDim, (token * heads + head + 1) * headDim)
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
