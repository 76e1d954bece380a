import { describe, expect, it } from 'vitest'
import type { Guide } from '../constrain/Guide.js'
import type { SamplingOptions } from '../types.js'
import { argmax, Sampler } from './Sampler.js'

/** Shares of each token over many draws from the same logits. */
function shares(logits: number[], options: SamplingOptions, draws = 20_000): number[] {
  const sampler = new Sampler(logits.length)
  sampler.start({ seed: 7, ...options }, [])
  const counts = new Array<number>(logits.length).fill(0)
  for (let i = 0; i < draws; i++) counts[sampler.sample(Float32Array.from(logits))]!++
  return counts.map((count) => count / draws)
}

const probabilities = [0.4, 0.3, 0.2, 0.1]
const logits = probabilities.map(Math.log)

describe('greedy', () => {
  it('takes the first of equal logits', () => {
    expect(argmax(Float32Array.of(1, 3, 3, 2))).toBe(1)
    expect(argmax(Float32Array.of(-5))).toBe(0)
  })

  it('is the default', () => {
    const sampler = new Sampler(4)
    sampler.start({}, [])
    expect(sampler.sample(Float32Array.of(0, 1, 5, 2))).toBe(2)
  })
})

describe('the bias of the first token', () => {
  it('counts once, at the start', () => {
    const sampler = new Sampler(3)
    sampler.start({}, [], { token: 2, bias: 4.5 })
    const pick = () => sampler.sample(Float32Array.of(5, 0, 1))
    expect([pick(), pick()]).toEqual([2, 0])
    sampler.start({}, [])
    expect(pick()).toBe(0)
  })

  it('may count against a token', () => {
    const sampler = new Sampler(3)
    sampler.start({}, [], { token: 0, bias: -4.5 })
    expect(sampler.sample(Float32Array.of(5, 0, 1))).toBe(2)
  })

  it('shifts the odds of sampling as it says', () => {
    const sampler = new Sampler(2)
    const draws = Array.from({ length: 4000 }, (_, seed) => {
      sampler.start({ temperature: 1, seed }, [], { token: 1, bias: Math.log(3) })
      return sampler.sample(Float32Array.of(0, 0))
    })
    expect(draws.filter((token) => token === 1).length / draws.length).toBeCloseTo(0.75, 1)
  })
})

describe('sampling', () => {
  const close = (actual: number[], expected: number[]) =>
    expected.forEach((share, i) => expect(actual[i]).toBeCloseTo(share, 1.6))

  it('draws by probability at temperature 1', () => {
    close(shares(logits, { temperature: 1 }), probabilities)
  })

  it('sharpens and flattens by temperature', () => {
    const squares = probabilities.map((p) => p ** 2)
    const sum = squares.reduce((a, b) => a + b)
    close(shares(logits, { temperature: 0.5 }), squares.map((p) => p / sum))
    close(shares(logits, { temperature: 1e6 }), [0.25, 0.25, 0.25, 0.25])
  })

  it('keeps the top k, renormalized', () => {
    close(shares(logits, { temperature: 1, topK: 2 }), [4 / 7, 3 / 7, 0, 0])
    expect(shares(logits, { temperature: 1, topK: 2 }, 500)[2]).toBe(0)
    close(shares(logits, { temperature: 1, topK: 99 }), probabilities)
  })

  it('keeps the smallest set that reaches top p', () => {
    // 0.4 + 0.3 reaches 0.65; 0.2 does not get in.
    close(shares(logits, { temperature: 1, topP: 0.65 }), [4 / 7, 3 / 7, 0, 0])
    expect(shares(logits, { temperature: 1, topP: 0.01 }, 500)).toEqual([1, 0, 0, 0])
  })

  it('measures top p within the top k', () => {
    // Among three, 4/9 + 3/9 reaches 0.7.
    close(shares(logits, { temperature: 1, topK: 3, topP: 0.7 }), [4 / 7, 3 / 7, 0, 0])
  })

  it('drops what is less probable than min p times the best', () => {
    close(shares(logits, { temperature: 1, minP: 0.6 }), [4 / 7, 3 / 7, 0, 0])
    close(shares(logits, { temperature: 1, minP: 0.6, topK: 4 }), [4 / 7, 3 / 7, 0, 0])
  })

  it('agrees with a plain implementation of top p on random logits', () => {
    let state = 1
    const random = () => (state = (state * 16807) % 2147483647) / 2147483647
    for (let round = 0; round < 30; round++) {
      const size = 5 + Math.floor(random() * 60)
      const values = Array.from({ length: size }, () => random() * 8 - 4)
      const topP = 0.3 + random() * 0.65
      const drawn = shares(values, { temperature: 1, topP }, 400)
      const allowed = nucleus(values, topP)
      drawn.forEach((share, id) => share > 0 && expect(allowed.has(id)).toBe(true))
    }
  })

  it('repeats itself with the same seed and only then', () => {
    const draw = (seed: number) => {
      const sampler = new Sampler(4)
      sampler.start({ temperature: 1, seed }, [])
      return Array.from({ length: 32 }, () => sampler.sample(Float32Array.from(logits))).join('')
    }
    expect(draw(1)).toBe(draw(1))
    expect(draw(1)).not.toBe(draw(2))
  })

  it('survives logits of minus infinity', () => {
    const masked = [Number.NEGATIVE_INFINITY, 1, Number.NEGATIVE_INFINITY, 1]
    for (const options of [{}, { topK: 3 }, { topP: 0.9 }, { minP: 0.1 }]) {
      const [first, , third] = shares(masked, { temperature: 1, ...options }, 300)
      expect([first, third]).toEqual([0, 0])
    }
  })
})

describe('repetition penalty', () => {
  it('divides positive and multiplies negative logits of seen tokens, once each', () => {
    const sampler = new Sampler(3)
    sampler.start({ repetitionPenalty: 2 }, [0, 0, 1])
    const values = Float32Array.of(4, -1, 3)
    expect(sampler.sample(values)).toBe(2)
    expect([...values]).toEqual([2, -2, 3])
  })

  it('counts what was picked', () => {
    const sampler = new Sampler(2)
    sampler.start({ repetitionPenalty: 4 }, [])
    expect(sampler.sample(Float32Array.of(2, 1))).toBe(0)
    expect(sampler.sample(Float32Array.of(2, 1))).toBe(1)
  })

  it('is forgotten by the next sequence', () => {
    const sampler = new Sampler(2)
    sampler.start({ repetitionPenalty: 4 }, [0])
    sampler.sample(Float32Array.of(2, 1))
    sampler.start({ repetitionPenalty: 4 }, [])
    expect(sampler.sample(Float32Array.of(2, 1))).toBe(0)
  })
})

function nucleus(values: number[], topP: number): Set<number> {
  const weights = values.map(Math.exp)
  const total = weights.reduce((a, b) => a + b)
  const order = values.map((_, id) => id).sort((a, b) => weights[b]! - weights[a]!)
  const kept = new Set<number>()
  let sum = 0
  for (const id of order) {
    if (sum >= topP * total * (1 + 1e-6)) break
    kept.add(id)
    sum += weights[id]!
  }
  return kept
}

describe('probability', () => {
  const logits = () => Float32Array.of(1, 2, 3, 0)
  const total = Math.exp(1) + Math.exp(2) + Math.exp(3) + 1
  const onlyFirst = { mask: (values: Float32Array) => values.fill(-Infinity, 1), allows: () => true } as unknown as Guide

  it('is what the model gave the token, whatever grammar, temperature and penalty did', () => {
    const sampler = new Sampler(4)
    sampler.start({ callConfidence: true }, [])
    sampler.sample(logits())
    expect(sampler.probability).toBeCloseTo(Math.exp(3) / total)
    sampler.sample(logits(), onlyFirst)
    expect(sampler.probability).toBeCloseTo(Math.exp(1) / total)
    sampler.start({ callConfidence: true, repetitionPenalty: 1.2, temperature: 2, topK: 1 }, [0, 1, 2, 3])
    expect(sampler.sample(logits())).toBe(2)
    expect(sampler.probability).toBeCloseTo(Math.exp(3) / total)
  })

  it('is undefined for forced tokens, and where it was not asked for', () => {
    const sampler = new Sampler(4)
    sampler.start({ callConfidence: true }, [])
    sampler.sample(logits())
    sampler.see(1)
    expect(sampler.probability).toBeUndefined()
    sampler.start({}, [])
    sampler.sample(logits())
    expect(sampler.probability).toBeUndefined()
  })
})
