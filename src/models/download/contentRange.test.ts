import { expect, it } from 'vitest'
import { parseContentRange } from './contentRange.js'

it.each([
  ['bytes 0-9/100', { start: 0, total: 100 }],
  ['bytes 90-99/100', { start: 90, total: 100 }],
  ['bytes 5-9/*', { start: 5, total: undefined }],
  ['bytes 90-100/100', undefined],
  ['bytes 9-5/100', undefined],
  ['bytes */100', undefined],
  ['items 0-9/100', undefined],
  ['bytes 99999999999999999999-99999999999999999999/*', undefined],
  ['', undefined],
  [null, undefined],
])('%s', (header, expected) => {
  expect(parseContentRange(header)).toEqual(expected)
})
