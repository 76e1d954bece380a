import { describe, expect, it } from 'vitest'
import { sameValue } from './sameValue.js'

const call = () => 1

describe('sameValue', () => {
  it.each([
    [1, 1],
    [Number.NaN, Number.NaN],
    [{ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }],
    [{ a: 1, b: 2 }, { b: 2, a: 1 }],
    [{ a: 1, b: undefined }, { a: 1 }],
    [{ call }, { call }],
    [undefined, undefined],
  ])('%j equals %j', (a, b) => {
    expect(sameValue(a, b)).toBe(true)
  })

  it.each([
    [1, '1'],
    [{ a: 1 }, { a: 2 }],
    [{ a: 1 }, { b: 1 }],
    [{ a: 1 }, { a: 1, b: 2 }],
    [[1, 2], [2, 1]],
    [[1], { 0: 1 }],
    [{}, null],
    [{}, undefined],
    [{ call }, { call: () => 1 }],
    [new URL('http://a/'), new URL('http://b/')],
  ])('%j differs from %j', (a, b) => {
    expect(sameValue(a, b)).toBe(false)
    expect(sameValue(b, a)).toBe(false)
  })
})
