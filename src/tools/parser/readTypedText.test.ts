import { expect, it } from 'vitest'
import type { JSONSchema } from '../types.js'
import { argumentTypes, readTypedText } from './readTypedText.js'

it.each<[string, JSONSchema, unknown]>([
  ['5', { type: 'integer' }, 5],
  [' -2.5e3 ', { type: 'number' }, -2500],
  ['0x10', { type: 'number' }, '0x10'],
  ['5', { type: 'string' }, '5'],
  ['5', { type: ['string', 'number'] }, 5],
  ['null', { type: ['string', 'null'] }, null],
  ['null', { type: 'string' }, 'null'],
  ['None', { anyOf: [{ type: 'integer' }, { type: 'null' }] }, null],
  ['true', { enum: ['true', 'false'] }, 'true'],
  ['2', { enum: [1, 2] }, 2],
  ['TRUE', { const: true }, true],
  ['yes', { type: 'boolean' }, 'yes'],
  ['[1, 2]', { type: 'array' }, [1, 2]],
  ['[1, 2]', { type: 'object' }, '[1, 2]'],
  ['{"a": 1}', { $ref: '#/$defs/point' }, { a: 1 }],
  ['{"a": 1}', { allOf: [{ $ref: '#/$defs/point' }] }, { a: 1 }],
  ['7', { $ref: '#/$defs/loop' }, 7],
  ['7', { $ref: 'https://example.com/elsewhere' }, 7],
  ['word', {}, 'word'],
  ['"word"', {}, '"word"'],
])('%s under %j is %j', (text, schema, expected) => {
  const input = {
    type: 'object',
    properties: { key: schema },
    $defs: { point: { type: 'object' }, loop: { $ref: '#/$defs/loop' } },
  }
  expect(readTypedText(text, argumentTypes(input, 'key'))).toEqual(expected)
})

it('finds types in additional properties and in the parts of a schema', () => {
  expect([...argumentTypes({ type: 'object', additionalProperties: { type: 'number' } }, 'any')]).toEqual(['number'])
  expect([...argumentTypes({ type: 'object', allOf: [{ properties: { a: { type: 'null' } } }] }, 'a')]).toEqual(['null'])
  expect([...argumentTypes({ type: 'object', properties: {} }, 'toString')]).toEqual([])
  expect([...argumentTypes(undefined, 'a')]).toEqual([])
})
