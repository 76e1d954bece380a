import { describe, expect, it } from 'vitest'
import { hermesSetup } from '../../../../test/helpers/hermesModel.js'
import { loadGrammarLibrary } from '../../../../test/helpers/grammarLibrary.js'
import { createToolCallParser, getToolFormat } from '../../../tools/index.js'
import { ChatCodec } from '../../generate/ChatCodec.js'
import { GrammarService } from '../GrammarService.js'

const { tokenizer, endTokens } = new ChatCodec(hermesSetup())
const service = new GrammarService({ tokenizer, endTokens, markers: [], load: loadGrammarLibrary })
const format = getToolFormat('qwen3-xml')

/** Which of the values can be written as the argument `a`, and what of them a parser reads in another way. */
async function writable(schema: Record<string, unknown>, values: readonly unknown[], changes: Record<string, unknown> = {}) {
  const inputSchema = { type: 'object', properties: { a: schema }, required: ['a'], ...changes }
  const written: unknown[] = []
  const misread: unknown[] = []
  for (const value of values) {
    const text = format.renderCalls([{ name: 'go', input: { a: value } }])
    const match = await service.match(format.grammar!([{ name: 'go', description: '', inputSchema }], 'auto')[0]!.block, { isLast: false })
    if (match.acceptText(text.slice('<tool_call>'.length))) {
      written.push(value)
      const events = createToolCallParser('qwen3-xml', { tools: [{ name: 'go', inputSchema }] }).push(text)
      const call = events.find((event) => event.type === 'tool-call')
      if (JSON.stringify(call?.input) !== JSON.stringify({ a: value })) misread.push([value, events])
    }
    match.dispose()
  }
  expect(misread).toEqual([])
  return written
}

describe('a text', () => {
  it('is anything but what ends it', async () => {
    const values = ['', 'a "quote" \\ back', 'two\nlines\n', '\n', '<b>x</b> </p> </para <<</parameter', 'a < b', '日本 é 😀', '</function>\n</tool_call>', ' ', '5', 'null', '{"a": 1}']
    expect(await writable({ type: 'string' }, values)).toEqual(values)
    expect(await writable({ type: 'string' }, ['a </parameter> b', '</parameter>', 'x\n</parameter>\n</function>'])).toEqual([])
  })

  it('is one of its enum, or its const', async () => {
    const values = ['red', 'dark "blue"', 'two\nlines', 'x</parameter>', 'green', '"red"']
    expect(await writable({ enum: values.slice(0, 4) }, values)).toEqual(values.slice(0, 4))
    expect(await writable({ const: 'red' }, values)).toEqual(['red'])
  })

  it.each(['^[a-z]{2,5}$', '^\\d{3}-\\d{4}$', 'x', '^"[^"]+"$', '^\\w+\\\\\\w+$', '^<b>\\w*</b>$', '^.{3}$'])('matches %s', async (pattern) => {
    const values = ['', 'ab', 'abcdef', '123-4567', 'axe', 'x', '"a b"', 'a\\b', '<b>bold</b>', '日本語']
    expect(await writable({ type: 'string', pattern }, values)).toEqual(values.filter((value) => new RegExp(pattern, 'u').test(value)))
  })

  it('has a length, where a line break before the tag is not part of it', async () => {
    const values = ['', 'a', 'ab', 'abcd', 'abcde', '日本語']
    expect(await writable({ type: 'string', minLength: 2, maxLength: 4 }, values)).toEqual(['ab', 'abcd', '日本語'])
    expect(await writable({ type: 'string', minLength: 2 }, values)).toEqual(values.slice(2))
    const [grammar] = format.grammar!([{ name: 'go', description: '', inputSchema: { type: 'object', properties: { a: { type: 'string', minLength: 2 } } } }], 'auto')
    const match = await service.match(grammar!.block, { isLast: false })
    expect(match.acceptText('\n<function=go>\n<parameter=a>\nb\n</parameter>')).toBe(false)
    match.dispose()
  })
})

describe('other values', () => {
  it.each<[Record<string, unknown>, unknown[], unknown[]]>([
    [{ type: 'integer', minimum: 1, maximum: 30 }, [1, 30], [0, 31, 1.5, 'x']],
    [{ type: 'number' }, [1.5, -3], ['x', true]],
    [{ type: 'boolean' }, [true, false], ['yes', 1]],
    [{ type: 'array', items: { type: 'string' } }, [[], ['a', '"']], [[1], {}]],
    [{ type: 'object', properties: { x: { type: 'integer' } }, required: ['x'] }, [{ x: 1 }], [{}, { x: 'a' }]],
    [{ enum: [1, true, null, 'a', { b: [1] }] }, [1, true, null, 'a', { b: [1] }], [2, false, 'b']],
    [{ enum: ['1', 1, 'true', 'x'] }, [1, 'x'], []],
  ])('of %o', async (schema, right, wrong) => {
    expect(await writable(schema, [...right, ...wrong])).toEqual(right)
  })

  it.each<[Record<string, unknown>, unknown[]]>([
    [{ type: ['string', 'null'] }, ['a', '', 'a\nb', '5', '[x', null]],
    [{ anyOf: [{ type: 'integer', minimum: 5 }, { type: 'string' }] }, [5, 77, 'a', '', 'a 5\n']],
    [{ oneOf: [{ $ref: '#/$defs/list' }, { type: 'string', minLength: 2 }] }, [[1], 'ab']],
    [{ allOf: [{ type: 'string' }, { maxLength: 2 }] }, ['', 'ab']],
    [{}, ['some text', 5, [1], { b: null }, true]],
  ])('or texts, of %o', async (schema, right) => {
    const $defs = { list: { type: 'array', items: { type: 'integer' } } }
    expect(await writable(schema, right, { $defs })).toEqual(right)
  })

  it('that would be read as something else are not written', async () => {
    expect(await writable({ anyOf: [{ type: 'integer', minimum: 5 }, { type: 'string' }] }, [3, '3', ' 3', '-', '[1]'])).toEqual([])
  })
})

describe('arguments', () => {
  const write = async (inputSchema: Record<string, unknown>, input: unknown) => {
    const match = await service.match(format.grammar!([{ name: 'go', description: '', inputSchema }], 'auto')[0]!.block, { isLast: false })
    const fits = match.acceptText(format.renderCalls([{ name: 'go', input }]).slice('<tool_call>'.length)) && match.isOver
    match.dispose()
    return fits
  }
  const properties = { a: { type: 'integer' }, b: { type: 'string' }, c: { type: 'boolean' } }

  it('come in the order of the schema, optional ones or not', async () => {
    const inputs = [{ b: 'x' }, { a: 1, b: '' }, { a: 1, b: 'x', c: true }, { b: 'x', c: true }, {}, { a: 1 }, { b: 'x', a: 1 }, { b: 'x', d: 1 }]
    const fitting = await Promise.all(inputs.map((input) => write({ type: 'object', properties, required: ['b'] }, input)))
    expect(fitting).toEqual([true, true, true, true, false, false, false, false])
  })

  it('may be others where the schema says so', async () => {
    const inputs = [{ d: 1 }, { a: 1, d: 2, e: 3 }, { d: 'x' }]
    expect(await Promise.all(inputs.map((input) => write({ type: 'object', properties, additionalProperties: { type: 'integer' } }, input)))).toEqual([true, true, false])
  })

  it('may be of several kinds', async () => {
    const anyOf = [{ properties: { a: { type: 'integer' } }, required: ['a'] }, { properties: { b: { type: 'string' } }, required: ['b'] }]
    const inputs = [{ a: 1 }, { b: '1' }, {}, { a: 1, b: 'x' }]
    expect(await Promise.all(inputs.map((input) => write({ type: 'object', anyOf }, input)))).toEqual([true, true, false, false])
  })
})
