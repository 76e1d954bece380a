import { describe, expect, it } from 'vitest'
import { checkSameWork } from '../../bench/cpu/checkSameWork.mjs'
import { goalTable, isReached, rowsOf } from '../../bench/cpu/goals.mjs'
import { median, quantile } from '../../bench/median.mjs'

/** A round whose first request is so slow that nobody can miss it among the figures. */
const round = (decode: number[], prefill: number[], { promptTokens = 300, tokens = 48 } = {}) => ({
  loadMs: 1,
  about: '',
  requests: [{ promptTokens, tokens, ttftMs: 1, decode: 0.001, prefill: 0.001 }, ...decode.map((rate, i) => ({ promptTokens, tokens, ttftMs: 1, decode: rate, prefill: prefill[i]! }))],
})

const threaded = {
  ours: [round([70, 80], [300, 320]), round([90], [310])],
  transformers: [round([20, 20], [100, 80]), round([20], [100])],
  'ours-ort': [round([25, 25], [100, 100]), round([25], [100])],
}

const measured = {
  threaded,
  single: threaded,
  passes: { one: [10, 10, 11], eight: [25, 31, 33], far: [17, 18, 18], threads: 2 },
  memory: { ours: { wasmBytes: 121e6 } },
  sizes: { coreBytes: 20_000, wrapperBytes: 50_000, q4Bytes: 100e6 },
}

describe('the table of what the core is to reach', () => {
  const rows = rowsOf(measured)
  const row = (what: string, against: string) => rows.find((each) => each.what.startsWith(what) && each.against === against)!

  it('compares requests that ran one after the other, without the first of a round', () => {
    const decode = row('decode, 2', 'transformers')
    expect(decode.value).toBe(4)
    expect(decode.ours).toBe('80.0 tok/s')
    expect(row('prefill', 'transformers').value).toBeCloseTo(3.1)
  })

  it('tells reached goals from missed ones, both ways', () => {
    expect(isReached(row('decode, 2', 'transformers'))).toBe(true)
    expect(isReached(row('batched', 'one token'))).toBe(true)
    expect(isReached(row('a token at 2,000', 'at 200'))).toBe(false)
    expect(isReached(row('memory', 'the q4 file'))).toBe(true)
    expect(isReached(row('core', '–'))).toBe(false)
    expect(isReached({ ...row('decode, 2', 'transformers'), value: 3.49 })).toBe(false)
  })

  it('has sides without a goal, and none for sides that did not run', () => {
    expect(isReached(row('decode, 2', 'ours-ort'))).toBeUndefined()
    expect(rows.some(({ against }) => against === 'wllama')).toBe(false)
  })

  it('has rows of the stages that were measured', () => {
    expect(rowsOf({ passes: measured.passes }).map(({ what }) => what)).toEqual(['batched forward of 8 tokens', 'a token at 2,000 tokens of context'])
    expect(rowsOf({ memory: measured.memory })).toEqual([])
  })

  it('is Markdown', () => {
    const lines = goalTable(rows).split('\n')
    expect(lines[2]).toBe('| decode, 2 threads | transformers | 80.0 tok/s | 20.0 tok/s | 4.00 × | ≥ 3.5 × | yes |')
    expect(lines.at(-1)).toBe('| core .wasm + wrapper, gzipped | – | 20.0 kB + 50.0 kB | – | 70.00 kB | ≤ 60 kB | no |')
    expect(new Set(lines.map((line) => line.split('|').length)).size).toBe(1)
  })
})

describe('the check that sides do the same', () => {
  it('lets templates differ a little', () => {
    expect(() => checkSameWork({ ours: [round([1], [1])], wllama: [round([1], [1], { promptTokens: 303 })] }, 48)).not.toThrow()
  })

  it('finds another prompt and an answer that ended early', () => {
    const ours = [round([1], [1])]
    expect(() => checkSameWork({ ours, wllama: [round([1], [1], { promptTokens: 270 })] }, 48)).toThrow('wllama was given 270 tokens where ours was given 300')
    expect(() => checkSameWork({ ours, transformers: [round([1], [1], { tokens: 9 })] }, 48)).toThrow('transformers ended after 9 of 48 tokens')
  })
})

it('medians and quantiles lie between neighbours', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 2, 3])).toBe(2.5)
  expect(quantile([0, 10], 0.95)).toBeCloseTo(9.5)
})
