import { expect, it } from 'vitest'
import { createToolCallParser } from '../parser/createToolCallParser.js'
import { qwen3XML } from './qwen3XML.js'
import { describeFormat } from './testing/describeFormat.js'
import { qwen3XMLOutputs } from './testing/qwen3XMLOutputs.js'
import type { WrittenCall } from './testing/types.js'

function block({ name, input }: WrittenCall): string {
  const values = Object.entries(input).map(([key, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value)
    return `<parameter=${key}>\n${text}\n</parameter>\n`
  })
  return `<tool_call>\n<function=${name}>\n${values.join('')}</function>\n</tool_call>`
}

describeFormat(
  {
    format: 'qwen3-xml',
    write: (calls) => calls.map(block).join('\n'),
    between: '\n',
    markup: ['<parameter=', '</parameter>', '</function', '<tool_response>'],
    needsTypes: true,
  },
  qwen3XMLOutputs,
)

it('writes calls to the letter', () => {
  expect(qwen3XML.renderCalls([{ name: 'one', input: { a: [1, 'x'], b: 'y\n' } }, { name: 'two', input: {} }])).toBe(
    '<tool_call>\n<function=one>\n<parameter=a>\n[1, "x"]\n</parameter>\n<parameter=b>\ny\n\n</parameter>\n</function>\n</tool_call>\n' +
      '<tool_call>\n<function=two>\n</function>\n</tool_call>',
  )
})

it('reports a text while it is written', () => {
  const parser = createToolCallParser('qwen3-xml', {
    tools: [{ name: 'write', inputSchema: { type: 'object', properties: { text: { type: 'string' } } } }],
    createId: () => 'x',
  })
  expect(parser.push('<tool_call>\n<function=write>\n<parameter=text>\nHe said "')).toEqual([
    { type: 'tool-input-start', id: 'x', name: 'write' },
    { type: 'tool-input-delta', id: 'x', delta: '{"text":"He said \\"' },
  ])
  expect(parser.push('no"\n')).toEqual([{ type: 'tool-input-delta', id: 'x', delta: 'no\\"' }])
  expect(parser.push('\ud83d')).toEqual([])
  expect(parser.push('\ude00')).toEqual([{ type: 'tool-input-delta', id: 'x', delta: '\\n😀' }])
})
