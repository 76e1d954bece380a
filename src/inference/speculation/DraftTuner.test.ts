import { describe, expect, it } from 'vitest'
import { CostCurve } from './CostCurve.js'
import { copied, DraftTuner, FORCED } from './DraftTuner.js'

/** A tuner that has seen what runs cost, and a source that is always right or right half of the time. */
function tuned(cost: (tokens: number) => number, isRight: (at: number) => boolean) {
  const tuner = new DraftTuner()
  for (let round = 0; round < 10; round++) {
    tuner.measured(1, 0, cost(1))
    for (let tokens = 2; tokens <= 16; tokens++) {
      tuner.measured(tokens, 0, cost(tokens))
      tuner.measured(tokens, tokens - 1, cost(tokens))
    }
  }
  for (let at = 0; at < 60; at++) tuner.saw(source, isRight(at))
  return tuner
}
const source = copied(16, false)
const draft = (...sources: number[]) => [sources, sources.length] as const
const copies = (count: number) => draft(...new Array<number>(count).fill(source))

const always = () => true
const half = (at: number) => at % 2 === 0
const flat = () => 9
const cpu = (tokens: number) => 6 + 6 * tokens
// As the SIMD core does it: four tokens at a time.
const tiles = (tokens: number) => (tokens === 1 ? 14 : 14 + 20 * Math.ceil(tokens / 4))

describe('how much of a draft is fed', () => {
  it.each([
    ['all where tokens cost nothing', flat, always, 12, 12],
    ['all of a sure one where they cost half a run', cpu, always, 6, 6],
    ['nothing of a doubtful one there', cpu, half, 12, 0],
    ['whole tiles', tiles, always, 5, 3],
    ['nothing where tokens cost what runs cost', (tokens: number) => 12 * tokens, always, 12, 0],
  ])('%s', (_name, cost, isRight, count, fed) => {
    expect(tuned(cost, isRight).worth(1, ...copies(count))).toBe(fed)
  })

  it('counts forced tokens as what they are: certain, and fed anyway', () => {
    const tuner = tuned(cpu, half)
    expect(tuner.worth(1, ...draft(source, FORCED, FORCED, FORCED))).toBe(0)
    expect(tuned(flat, half).worth(1, ...draft(source, FORCED, FORCED, FORCED))).toBe(4)
    expect(tuned(cpu, always).worth(1, ...draft(source, FORCED, FORCED, FORCED))).toBe(4)
  })

  it('follows what is seen', () => {
    const tuner = tuned(cpu, always)
    expect(tuner.rate(source)).toBeGreaterThan(0.9)
    for (let at = 0; at < 40; at++) tuner.saw(source, false)
    expect(tuner.rate(source)).toBeLessThan(0.3)
    expect(tuner.worth(1, ...copies(8))).toBe(0)
  })

  it('is some where nothing was measured and a guess is likely: so costs become known', () => {
    expect(new DraftTuner().worth(1, ...copies(6))).toBeGreaterThan(0)
  })
})

describe('CostCurve', () => {
  it('reckons between what it knows, and never that more tokens cost less', () => {
    const curve = new CostCurve(64)
    curve.add(4, 2.5)
    expect([curve.at(1), curve.at(4)]).toEqual([1, 2.5])
    expect(curve.at(2)).toBeCloseTo(1.5)
    curve.add(8, 2.6)
    expect(curve.at(6)).toBeCloseTo(2.55)
    curve.add(2, 13)
    for (let tokens = 9; tokens < 64; tokens++) expect(curve.at(tokens)).toBeGreaterThanOrEqual(curve.at(8))
  })

  it('is not misled by one slow run, and forgets it in the end', () => {
    const curve = new CostCurve(64)
    for (let round = 0; round < 10; round++) curve.add(4, 2)
    curve.add(4, 50)
    expect(curve.at(4)).toBeLessThan(2.5)
    const slow = new CostCurve(64)
    slow.add(4, 50)
    for (let run = 0; run < 1000; run++) slow.pass()
    slow.add(4, 2)
    expect(slow.at(4)).toBe(2)
  })
})
