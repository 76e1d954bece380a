import { describe, expect, it } from 'vitest'
import { byteSize, duration, entriesOf, megabytes, rate, shortModelName, timeSpan, valueText } from './format.js'

describe('figures for people', () => {
  it.each([
    [850, '1 kB'],
    [812_400, '812 kB'],
    [84_230_000, '84.2 MB'],
    [137_900_000, '138 MB'],
    [1_340_000_000, '1.3 GB'],
  ])('%d bytes is %s', (bytes, text) => expect(byteSize(bytes)).toBe(text))

  it.each([
    [0.2, '1 s'],
    [59.4, '59 s'],
    [120, '2 min'],
    [125, '2 min 5 s'],
    [3780, '1 h 3 min'],
  ])('%d seconds is %s', (seconds, text) => expect(timeSpan(seconds)).toBe(text))

  it.each([
    [84.6, '85 ms'],
    [1240, '1.24 s'],
    [64_000, '1 min 4 s'],
  ])('%d milliseconds is %s', (milliseconds, text) => expect(duration(milliseconds)).toBe(text))

  it('gives small rates a decimal', () => {
    expect(rate(4.72)).toBe('4.7')
    expect(rate(38.2)).toBe('38')
    expect(megabytes(1_250_000)).toBe('1.3')
  })
})

describe('values of tool calls', () => {
  it('shows strings bare, the rest as JSON, and what JSON cannot hold as text', () => {
    const circular: { self?: unknown } = {}
    circular.self = circular
    expect(valueText('blue')).toBe('blue')
    expect(valueText([1, 2])).toBe('[\n  1,\n  2\n]')
    expect(valueText(undefined)).toBe('undefined')
    expect(valueText(circular)).toBe('[object Object]')
  })

  it('lists the entries of objects only', () => {
    expect(entriesOf({ a: 1 })).toEqual([['a', 1]])
    for (const value of [null, 'text', [1]]) expect(entriesOf(value)).toBeUndefined()
  })

  it('shortens a model to the last part of its path', () => {
    expect(shortModelName('/models/smollm2/')).toBe('smollm2')
    expect(shortModelName('org/name')).toBe('name')
    expect(shortModelName('/')).toBe('/')
  })
})
