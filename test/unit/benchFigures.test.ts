import { describe, expect, it } from 'vitest'
import { chart } from '../../bench/compare/chart.mjs'
import { problemsOf } from '../../bench/compare/checkTurns.mjs'
import { bytesPerToken, passesOf, rowsOf } from '../../bench/compare/goals.mjs'
import { goalTable, isReached } from '../../bench/cpu/goals.mjs'

const turn = (callMs: number | undefined, more: object = {}) => ({ callMs, ttftMs: 1, promptTokens: 400, tokens: 24, answer: 'words', ...more })
const turns = (...callMs: number[]) => callMs.map((ms) => ({ first: turn(10 * ms), second: turn(ms), again: turn(ms) }))

const measured = {
  turns: { ours: turns(100, 200, 300), transformers: turns(2000, 2000, 6000), wllama: turns(1000, 1000, 1000) },
  prose: {
    ours: [{ answers: [{ decode: 90 }, { decode: 120 }] }],
    transformers: [{ answers: [{ decode: 30 }, { decode: 30 }] }],
    'without speculation': [{ answers: [{ decode: 75 }, { decode: 100 }] }],
  },
}

describe('rows of what users feel', () => {
  const rows = rowsOf(measured, 'wasm')
  const row = (what: string, against: string, of = rows) => of.find((each) => each.what === what && each.against === against)!

  it('compare neighbours: of times less is better, of rates more', () => {
    // 20, 10 and 20 times; the medians' ratio would be 10.
    expect(row('send → call, second turn', 'transformers')).toMatchObject({ ours: '200 ms', theirs: '2000 ms', value: 20, goal: { least: 15 } })
    expect(row('prose, decode', 'transformers').value).toBe(3.5)
    expect(isReached(row('prose, decode', 'without speculation'))).toBe(true)
    expect(isReached(row('send → call, second turn', 'wllama'))).toBeUndefined()
  })

  it('have the goals of the device', () => {
    const onGPU = rowsOf(measured, 'webgpu')
    expect(row('send → call, second turn', 'transformers', onGPU).goal).toEqual({ least: 4 })
    expect(row('send → call, first turn', 'transformers', onGPU).goal).toBeUndefined()
  })

  it('are of what was measured, and of pairs in which both called', () => {
    expect(rowsOf({}, 'wasm')).toEqual([])
    const silent = { turns: { ours: turns(100, 200), transformers: [{ first: turn(undefined), second: turn(undefined) }, ...turns(800)] } }
    expect(row('send → call, second turn', 'transformers', rowsOf(silent, 'wasm')).value).toBe(4)
    expect(rowsOf({ turns: { ours: turns(1), transformers: [{ first: turn(undefined) }] } }, 'wasm')).toEqual([])
  })

  it('make a table and a picture with every side', () => {
    expect(goalTable(rows)).toContain('| send → call, second turn | transformers | 200 ms | 2000 ms | 20.00 × | ≥ 15 × | yes |')
    const picture = chart(rows)
    expect(picture.split('<rect ')).toHaveLength(3 * 3 + 3 + 1)
    expect(picture).toContain('2000 ms (20.0 ×, aim 15 ×)')
    expect(chart([])).toContain('<svg')
  })
})

describe('forward passes of calls', () => {
  it('are summed over turns that called, where they are told', () => {
    const ours = [{ first: turn(1, { forwardPasses: 6 }), second: turn(1, { forwardPasses: 8 }), again: turn(undefined, { forwardPasses: 30 }) }]
    expect(passesOf({ turns: { ours } })).toEqual({ passes: 14, tokens: 48, calls: 2 })
    expect(passesOf(measured)).toBeUndefined()
  })
})

it('memory grows by so much for each token', () => {
  const grown = (by: number) => ({ short: { memoryBytes: 100e6, promptTokens: 100 }, second: turn(1, { memoryBytes: 100e6 + by, promptTokens: 2100 }) })
  expect(bytesPerToken({ context: { ours: [grown(40e6), grown(60e6), grown(44e6)] } })).toBe(22_000)
  expect(bytesPerToken(measured)).toBeUndefined()
})

describe('what was not the same', () => {
  it('is told: prompts of different length, and answers without a call', () => {
    const ours = { first: turn(1) }
    expect(problemsOf('turns', { ours, wllama: { first: turn(1, { promptTokens: 410 }) } })).toEqual([])
    expect(problemsOf('turns', { ours, wllama: { first: turn(1, { promptTokens: 300 }) } })).toEqual(['turns, first: wllama was given 300 tokens, ours 400.'])
    expect(problemsOf('turns', { ours, wllama: { first: turn(undefined) } })).toEqual(['turns, first: wllama called nothing but wrote "words".'])
    expect(problemsOf('context', { ours: { first: turn(undefined) } })).toEqual([])
  })
})
