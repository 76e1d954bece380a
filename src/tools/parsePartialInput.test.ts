import { expect, it } from 'vitest'
import { parsePartialInput } from './parsePartialInput.js'

it.each<[string, unknown]>([
  ['', undefined],
  [' ', undefined],
  ['{', {}],
  ['{"a', {}],
  ['{"a"', {}],
  ['{"a":', {}],
  ['{"a": "', { a: '' }],
  ['{"a": "re', { a: 're' }],
  ['{"a": "re\\', { a: 're' }],
  ['{"a": "re\\u00', { a: 're' }],
  ['{"a": "re\\\\', { a: 're\\' }],
  ['{"a": "red"', { a: 'red' }],
  ['{"a": "red", ', { a: 'red' }],
  ['{"a": "red", "b', { a: 'red' }],
  ['{"a": "red", "b": 1', { a: 'red' }],
  ['{"a": "red", "b": 12,', { a: 'red', b: 12 }],
  ['{"a": tr', {}],
  ['{"a": true', {}],
  ['{"a": true}', { a: true }],
  ['{"a": [1, 2', { a: [1] }],
  ['{"a": ["x", "y', { a: ['x', 'y'] }],
  ['{"a": [{"b": ["}", "c', { a: [{ b: ['}', 'c'] }] }],
  ['{"a": {"b": {}}, "c": [', { a: { b: {} }, c: [] }],
  ['{"a": {"b": 1', { a: {} }],
  ['{"a": "x"}', { a: 'x' }],
  ['not JSON', undefined],
  ['{"a": nope, "b": "x', undefined],
])('%s', (raw, expected) => {
  expect(parsePartialInput(raw)).toEqual(expected)
})

it('only ever grows, up to the whole', () => {
  const whole = { a: 'x"\\\n😀', b: [1.5, -2e3, [true, null, { c: 'd, e: }' }]], f: { g: {}, h: [], i: '' }, j: false }
  for (const text of [JSON.stringify(whole), JSON.stringify(whole, null, 2)]) {
    for (let length = 1; length <= text.length; length++) {
      const partial = parsePartialInput(text.slice(0, length))
      expect(isPartOf(partial, whole), text.slice(0, length)).toBe(true)
    }
    expect(parsePartialInput(text)).toEqual(whole)
  }
})

function isPartOf(partial: unknown, whole: unknown): boolean {
  if (typeof partial === 'string' && typeof whole === 'string') {
    // The first half of a surrogate pair is part of it.
    return whole.startsWith(partial)
  }
  if (Array.isArray(partial)) {
    return Array.isArray(whole) && partial.length <= whole.length && partial.every((item, index) => isPartOf(item, whole[index]))
  }
  if (typeof partial === 'object' && partial !== null) {
    return Object.entries(partial).every(([key, item]) => isPartOf(item, (whole as Record<string, unknown>)[key]))
  }
  return Object.is(partial, whole)
}
