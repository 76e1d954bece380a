import { describe, expect, it } from 'vitest'
import shared from '../../../test/fixtures/functiongemma.json' with { type: 'json' }
import { functiongemma } from './functiongemma.js'
import { gemma4 } from './gemma4.js'
import { describeFormat } from './testing/describeFormat.js'
import { functiongemmaOutputs, gemma4Outputs } from './testing/gemmaOutputs.js'
import { parseOutput, visibleText } from './testing/parseOutput.js'
import type { WrittenCall } from './testing/types.js'

/** Keys that can stand bare in a Gemma's notation. */
const isBare = (key: string): boolean => !/[\s:,{}[\]<"]/.test(key)

describeFormat(
  {
    format: 'functiongemma',
    write: (calls) => calls.map((call) => `<start_function_call>${gemma(call, '<escape>')}<end_function_call>`).join(''),
    markup: ['<start_function_response>', '<end_of_turn>'],
    canWrite: (text) => !text.includes('<escape>'),
    canWriteKey: isBare,
    results: ['response:one{ok:true}', 'response:two{value:<escape><b> & é<escape>}'],
  },
  functiongemmaOutputs,
)

describeFormat(
  {
    format: 'gemma4',
    write: (calls) => calls.map((call) => `<|tool_call>${gemma(call, '<|"|>')}<tool_call|>`).join(''),
    markup: ['<|tool_response>', '<|channel>', '<channel|>', '<escape>'],
    thinking: ['<|channel>thought\n', '<channel|>'],
    canWrite: (text) => !text.includes('<|"|>'),
    results: ['response:one{ok:true}', 'response:two{value:<|"|><b> & é<|"|>}'],
  },
  gemma4Outputs,
)

// What the training pipeline's reader of the same format is held to as well: pipeline/tests/test_formats.py.
describe('functiongemma, as the pipeline has it', () => {
  it.each(shared.outputs)('reads $name', ({ output, calls, text, malformed }) => {
    const reason = output.endsWith('>') || text !== '' ? 'stop' : 'length'
    const events = parseOutput('functiongemma', [output], reason)
    const read = events.flatMap((event) => (event.type === 'tool-call' ? [{ name: event.name, arguments: event.input }] : []))
    expect(read).toEqual(calls)
    expect(events.some(({ type }) => type === 'tool-error')).toBe(malformed)
    expect(visibleText(events).trim()).toBe(text)
  })

  it.each(shared.calls)('writes $text', ({ calls, text }) => {
    expect(functiongemma.renderCalls(calls.map((call) => ({ name: call.name, input: call.arguments })))).toBe(text)
  })

  it.each(shared.declarations)('declares $tool.name', ({ tool, text }) => {
    const { parameters, ...named } = tool
    expect(functiongemma.systemPrompt([{ ...named, inputSchema: parameters }])).toContain(`_declaration>${text}<end_`)
  })

  it.each(shared.results)('writes the result $content', ({ content, text }) => {
    expect(functiongemma.renderResults([{ toolCallId: '1', name: 'f', content }])[0]?.content).toContain(`_response>${text}<end_`)
  })
})

const tool = {
  name: 'set_color',
  description: 'Change the "colour"',
  inputSchema: {
    type: 'object',
    properties: {
      color: { type: 'string', enum: ['röd', 'blue'], description: 'Which' },
      sizes: { type: 'array', items: { type: 'integer', minimum: 1, maximum: 9 } },
    },
    required: ['color'],
    additionalProperties: false,
  },
}

it('declares tools to Gemma 4', () => {
  expect(gemma4.systemPrompt([tool])).toMatch(/^<\|tool>declaration:set_color\{description:<\|"\|>Change the "colour"<\|"\|>,parameters:\{.*\}<tool\|>$/)
})

function gemma({ name, input }: WrittenCall, quote: string): string {
  const literal = (value: unknown): string => {
    if (typeof value === 'string') return quote + value + quote
    if (Array.isArray(value)) return `[${value.map(literal).join(',')}]`
    if (typeof value !== 'object' || value === null) return String(value)
    return `{${Object.entries(value).map(([key, item]) => `${key}:${literal(item)}`).join(',')}}`
  }
  return `call:${name}${literal(input)}`
}
