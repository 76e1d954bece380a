import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Operators } from '../../test/helpers/simd/compileOperators.js'

const entry = `export { argmax, topK, maskLogits, logSumExp, softmax } from './pick'`
const NOT_A_NUMBER = -1
const NOTHING_ALLOWED = -2

let core: Operators
beforeAll(async () => {
  core = await Operators.compile(entry, 64)
}, 60_000)
beforeEach(() => core.reset())

const sizes = [1, 2, 3, 4, 5, 31, 33, 127, 4099, 49_152]

/** Logits with many equal ones. */
function randomLogits(count: number, levels = 4000): Float32Array {
  let state = count
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return (Math.floor((state / 2 ** 32) * levels) / levels) * 30 - 20
  })
}

/** Words of a mask that allows these. */
function putMask(count: number, isAllowed: (index: number) => boolean): number {
  const words = new Int32Array(Math.ceil(count / 32))
  for (let i = 0; i < count; i++) if (isAllowed(i)) words[i >> 5]! |= 1 << (i & 31)
  // Bits beyond the last token must not matter.
  if (count & 31) words[words.length - 1]! |= -1 << (count & 31)
  const address = core.allocate(4 * words.length)
  core.integers(address, words.length).set(words)
  return address
}

const sparse = (i: number) => i % 97 === 5 || (i > 900 && i < 1000)

function ranked(logits: Float32Array, isAllowed: (index: number) => boolean = () => true): number[] {
  const indices = [...logits.keys()].filter((i) => isAllowed(i) && logits[i]! > -Infinity)
  return indices.sort((a, b) => logits[b]! - logits[a]! || a - b)
}

function topK(logits: number, count: number, most: number, mask = 0): { indices: number[]; values: number[]; found: number } {
  const indices = core.allocate(4 * most)
  const values = core.allocate(4 * most)
  const found = core.call('topK', logits, count, most, mask, indices, values)
  const length = Math.max(found, 0)
  return { found, indices: [...core.integers(indices, length)], values: [...core.floats(values, length)] }
}

describe('picking a token', () => {
  it.each(sizes)('argmax of %d logits is the lowest index of the largest', (count) => {
    for (const levels of [3, 4000]) {
      const logits = randomLogits(count, levels)
      const at = core.put(logits)
      expect(core.call('argmax', at, count, 0)).toBe(ranked(logits)[0])
      expect(core.call('argmax', at, count, putMask(count, sparse))).toBe(ranked(logits, sparse)[0] ?? NOTHING_ALLOWED)
    }
  })

  it.each(sizes)('top-k of %d logits is a stable sort', (count) => {
    for (const levels of [3, 4000]) {
      const logits = randomLogits(count, levels)
      const at = core.put(logits)
      for (const most of [1, 2, 40, 300]) {
        const expected = ranked(logits).slice(0, most)
        const result = topK(at, count, most)
        expect(result.indices).toEqual(expected)
        expect(result.values).toEqual(expected.map((i) => logits[i]))
        expect(topK(at, count, most, putMask(count, sparse)).indices).toEqual(ranked(logits, sparse).slice(0, most))
      }
    }
  })

  it('top-k of rising and falling logits', () => {
    const logits = Float32Array.from({ length: 1000 }, (_, i) => i)
    expect(topK(core.put(logits), 1000, 5).indices).toEqual([999, 998, 997, 996, 995])
    expect(topK(core.put(logits.reverse()), 1000, 5).indices).toEqual([0, 1, 2, 3, 4])
  })

  it('logits at −∞ are never picked', () => {
    const at = core.put([-Infinity, -Infinity, -3, -Infinity, -Infinity])
    expect(core.call('argmax', at, 5, 0)).toBe(2)
    expect(topK(at, 5, 3)).toEqual({ found: 1, indices: [2], values: [-3] })
    expect(core.call('argmax', at, 2, 0)).toBe(NOTHING_ALLOWED)
    expect(core.call('argmax', at, 5, putMask(5, () => false))).toBe(NOTHING_ALLOWED)
  })

  it('NaN is found, wherever it is', () => {
    for (const count of [1, 6, 100]) {
      for (let place = 0; place < count; place++) {
        const logits = randomLogits(count)
        logits[place] = NaN
        const at = core.put(logits)
        expect(core.call('argmax', at, count, 0)).toBe(NOT_A_NUMBER)
        expect(topK(at, count, 3).found).toBe(NOT_A_NUMBER)
        expect(core.call('logSumExp', at, count)).toBeNaN()
      }
    }
  })

  it.each(sizes)('a mask over %d logits sets what it forbids to −∞', (count) => {
    const logits = randomLogits(count)
    const at = core.put([...logits, 7])
    core.call('maskLogits', at, count, putMask(count, sparse))
    expect([...core.floats(at, count + 1)]).toEqual([...logits.map((x, i) => (sparse(i) ? x : -Infinity)), 7])
  })

  it.each(sizes)('log-sum-exp and softmax of %d logits agree with double precision', (count) => {
    const logits = randomLogits(count)
    const at = core.put([...logits, 7])
    const sum = (temperature: number) => logits.reduce((sum, x) => sum + Math.exp(x / temperature), 0)
    expect(core.call('logSumExp', at, count)).toBeCloseTo(Math.log(sum(1)), 6)
    const to = core.put(new Float32Array(count + 1).fill(7))
    for (const temperature of [1, Math.fround(0.7)]) {
      core.call('softmax', at, to, count, temperature)
      const total = sum(temperature)
      const worst = core.floats(to, count).reduce((max, p, i) => Math.max(max, Math.abs((p * total) / Math.exp(logits[i]! / temperature) - 1)), 0)
      // Logits 43 units of temperature below the largest: half a unit in the last place of 43, and a few of the rest.
      expect(worst).toBeLessThan(4e-6)
      expect(core.floats(to, count + 1)[count]).toBe(7)
    }
    core.call('softmax', at, at, count, 1)
    core.call('softmax', core.put(logits), to, count, 1)
    expect(core.floats(at, count + 1)).toEqual(core.floats(to, count + 1))
  })

  it('log-sum-exp does not overflow', () => {
    expect(core.call('logSumExp', core.put([1e30, 1e30, -1e30]), 3)).toBeCloseTo(Math.fround(1e30), -20)
    expect(core.call('logSumExp', core.put([-1000, -1000]), 2)).toBeCloseTo(-1000 + Math.LN2, 9)
  })
})
