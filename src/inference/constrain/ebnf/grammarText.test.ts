import { describe, expect, it } from 'vitest'
import { hermesSetup } from '../../../../test/helpers/hermesModel.js'
import { loadGrammarLibrary } from '../../../../test/helpers/grammarLibrary.js'
import { toSpacedJSON } from '../../../tools/spacedJSON.js'
import { ChatCodec } from '../../generate/ChatCodec.js'
import { GrammarService } from '../GrammarService.js'

const { tokenizer, endTokens } = new ChatCodec(hermesSetup())
const service = new GrammarService({ tokenizer, endTokens, markers: [], load: loadGrammarLibrary })

/** Which of the values can be written. */
async function writable(schema: Record<string, unknown>, values: readonly unknown[]): Promise<unknown[]> {
  const found: unknown[] = []
  for (const value of values) {
    const match = await service.match({ sequence: [{ json: schema }, { text: ';' }] }, { isLast: false })
    if (match.acceptText(`${toSpacedJSON(value)};`)) found.push(value)
    match.dispose()
  }
  return found
}

describe('numbers', () => {
  it.each([
    [{ minimum: 1, maximum: 30 }],
    [{ minimum: -7, maximum: 12 }],
    [{ minimum: -120, maximum: -99 }],
    [{ minimum: 95, maximum: 1105 }],
    [{ minimum: 100 }],
    [{ maximum: -3 }],
    [{ exclusiveMinimum: 5, exclusiveMaximum: 8 }],
  ])('whole ones within %o', async (range) => {
    const values = Array.from({ length: 300 }, (_, i) => i - 150).concat([985, 999, 1000, 1099, 1105, 1106, 9999, -1000])
    const { minimum = -Infinity, maximum = Infinity, exclusiveMinimum = -Infinity, exclusiveMaximum = Infinity } = range as Record<string, number>
    const right = values.filter((value) => value >= minimum && value <= maximum && value > exclusiveMinimum && value < exclusiveMaximum)
    expect(await writable({ type: 'integer', ...range }, values)).toEqual(right)
  })

  it.each([[{ minimum: 0.25, maximum: 0.75 }], [{ minimum: -0.5, maximum: 2 }], [{ minimum: 1.08, maximum: 1.1 }], [{ minimum: -2.5, maximum: -1.25 }], [{ maximum: 0.1 }], [{ minimum: 9.9, maximum: 100.01 }]])(
    'decimals within %o',
    async (range) => {
      const values = [-3, -2.5, -2.49, -1.25, -1.2, -0.51, -0.5, -0.05, 0, 0.1, 0.11, 0.2, 0.25, 0.3, 0.749, 0.75, 0.7501, 0.8, 1, 1.05, 1.08, 1.09, 1.099, 1.1, 1.11, 2, 2.01, 9.9, 9.89, 10, 99.99, 100, 100.01, 100.02]
      const { minimum = -Infinity, maximum = Infinity } = range as Record<string, number>
      expect(await writable({ type: 'number', ...range }, values)).toEqual(values.filter((value) => value >= minimum && value <= maximum))
    },
  )
})

describe('strings', () => {
  it.each(['^[a-z]{2,5}$', '^\\d{3}-\\d{4}$', '^(red|green)( light)?$', 'x', '^[^0-9]+$', '^\\w+@\\w+\\.(com|org)$', '^.{3}$', '^[\\s\\S]$', '^a|b$', '^[A-Z][\\D]*$', '^\\u00e9+$', '^[a-zäöüé]+$', '^[一-龥]+$', '^\\S+$'])(
    'that match %s',
    async (pattern) => {
      const values = ['', 'a', 'ab', 'abcdef', '123-4567', '123-456', 'red', 'green light', 'red  light', 'axe', 'x', 'née', '日本語', 'me@here.org', 'me@here.net', 'a-b', 'Zürich', 'éé', '😀']
      // Classes of many letters beyond ASCII are left to validation.
      if (pattern.includes('龥')) return expect(await writable({ type: 'string', pattern }, values)).toEqual(values)
      expect(await writable({ type: 'string', pattern }, values)).toEqual(values.filter((value) => new RegExp(pattern, 'u').test(value)))
    },
  )

  it('of a length', async () => {
    const values = ['', 'a', 'ab', 'abc', 'abcd', 'abcde', '日本語']
    expect(await writable({ type: 'string', minLength: 2, maxLength: 4 }, values)).toEqual(['ab', 'abc', 'abcd', '日本語'])
  })

  it('with anything JSON escapes', async () => {
    const values = ['a "quote"', 'back\\slash', 'line\nbreak\ttab', '\u0001', 'ü 日本 😀']
    expect(await writable({ type: 'string' }, values)).toEqual(values)
  })
})

describe('objects and lists', () => {
  const schema = { type: 'object', properties: { a: { type: 'integer' }, b: { type: 'boolean' }, c: { type: 'null' } }, required: ['b'] }

  it('have their properties, in order, optional ones or not', async () => {
    const values = [{ b: true }, { a: 1, b: true }, { a: 1, b: false, c: null }, { b: true, c: null }, { a: 1 }, { c: null, b: true }, { b: true, d: 1 }, {}]
    expect(await writable(schema, values)).toEqual(values.slice(0, 4))
  })

  it('may have other keys where the schema says so', async () => {
    const values = [{ b: true, d: 1 }, { b: true, d: 'x', e: 2 }, { b: true, d: 1, e: 2 }]
    expect(await writable({ ...schema, additionalProperties: { type: 'integer' } }, values)).toEqual([values[0], values[2]])
  })

  it('have as many items as allowed', async () => {
    const values = [[], [1], [1, 2], [1, 2, 3], ['1']]
    expect(await writable({ type: 'array', items: { type: 'integer' }, minItems: 1, maxItems: 2 }, values)).toEqual([[1], [1, 2]])
  })

  it('may contain themselves', async () => {
    const tree = { $ref: '#/$defs/tree', $defs: { tree: { type: 'object', properties: { left: { $ref: '#/$defs/tree' } } } } }
    expect(await writable(tree, [{}, { left: { left: {} } }, { left: 1 }])).toEqual([{}, { left: { left: {} } }])
  })

  it('without a bottom are anything', async () => {
    const endless = { $defs: { x: { allOf: [{ $ref: '#/$defs/x' }] } }, allOf: [{ $ref: '#/$defs/x' }] }
    expect(await writable(endless, [1, { a: [null] }])).toEqual([1, { a: [null] }])
  })
})

it('contradictions and nonsense do not break the grammar', async () => {
  const odd = [{ type: 'integer', minimum: 5, maximum: 1 }, { type: 'array', items: { type: 'null' }, minItems: 3, maxItems: 1 }, { type: 'string', minLength: 5, maxLength: 2 }, { enum: [] }, { type: 'colour' }, { pattern: '(' }, { $ref: '#/nowhere' }, { anyOf: [false] }, { type: 'number', minimum: 1e300 }]
  for (const schema of odd) await expect(service.match({ json: schema }, { isLast: true })).resolves.toBeDefined()
})
