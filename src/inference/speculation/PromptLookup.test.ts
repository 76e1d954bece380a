import { describe, expect, it } from 'vitest'
import { Random } from '../sampling/Random.js'
import { LONGEST_MATCH, PromptLookup } from './PromptLookup.js'

/** The position behind the longest stretch like the last tokens, the latest of several, by looking at all. */
function naive(kinds: readonly number[]) {
  let found = { at: -1, matched: 0 }
  for (let end = kinds.length - 2; end >= 0; end--) {
    let same = 0
    while (same < LONGEST_MATCH && same <= end && kinds[end - same] === kinds[kinds.length - 1 - same]) same++
    if (same > found.matched) found = { at: end + 1, matched: same }
  }
  return found
}

const found = (lookup: PromptLookup) => ({ at: lookup.find(), matched: lookup.matched })

describe('find', () => {
  it.each([2, 5, 40, 5000])('finds what a naive search finds, with %i kinds of token', (kinds) => {
    const random = new Random(kinds)
    const kindOf = (id: number) => id % kinds
    for (let round = 0; round < 20; round++) {
      const lookup = new PromptLookup(kindOf)
      const tokens: number[] = []
      for (let step = 0; step < 300; step++) {
        const draw = random.next()
        if (draw < 0.1) {
          tokens.length = Math.floor(random.next() * (tokens.length + 1))
          lookup.truncate(tokens.length)
        } else {
          // Much of it is copied, so that there is something to find.
          const from = Math.floor(random.next() * tokens.length)
          const next = draw < 0.6 && tokens.length > 0 ? tokens.slice(from, from + 6) : [Math.floor(random.next() * 3 * kinds)]
          for (const id of next) lookup.append(id)
          tokens.push(...next)
        }
        expect(found(lookup)).toEqual(naive(tokens.map(kindOf)))
        expect(lookup.length).toBe(tokens.length)
      }
    }
  })

  it('gives the tokens themselves, whatever they are alike', () => {
    const lookup = new PromptLookup((id) => id % 10)
    for (const id of [11, 12, 13, 14, 21, 2]) lookup.append(id)
    expect(found(lookup)).toEqual({ at: 2, matched: 2 })
    expect([lookup.at(2), lookup.at(3), lookup.at(6), lookup.at(-1)]).toEqual([13, 14, undefined, undefined])
  })

  it('finds nothing in nothing', () => {
    const lookup = new PromptLookup()
    expect(found(lookup)).toEqual({ at: -1, matched: 0 })
    lookup.append(1)
    expect(found(lookup)).toEqual({ at: -1, matched: 0 })
  })

  it('looks through 8,000 equal tokens within a millisecond', () => {
    const lookup = new PromptLookup()
    lookup.become(new Array<number>(8000).fill(7))
    const began = process.cpuUsage()
    for (let i = 0; i < 100; i++) lookup.find()
    expect(process.cpuUsage(began).user / 100).toBeLessThan(1000)
    expect(found(lookup)).toEqual({ at: 7999, matched: LONGEST_MATCH })
  })
})

describe('become', () => {
  it('gives what a new one gives, whatever was there before', () => {
    const random = new Random(3)
    const lookup = new PromptLookup()
    let tokens: number[] = []
    for (let round = 0; round < 100; round++) {
      const kept = Math.floor(random.next() * (tokens.length + 1))
      tokens = [...tokens.slice(0, kept), ...Array.from({ length: 40 }, () => Math.floor(random.next() * 4))]
      lookup.become(tokens)
      lookup.append(1)
      expect(found(lookup)).toEqual(naive([...tokens, 1]))
    }
  })
})
