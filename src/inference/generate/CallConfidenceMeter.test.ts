import { describe, expect, it } from 'vitest'
import { createToolCallParser, getToolFormat } from '../../tools/index.js'
import type { ToolFormatName } from '../../tools/types.js'
import type { CallConfidence, GenerateEvent } from '../types.js'
import { CallConfidenceMeter } from './CallConfidenceMeter.js'
import { valueSpans } from './valueSpans.js'

const tools = ['set_light', 'set'].map((name) => ({ name, description: 'x', inputSchema: { type: 'object' } }))

/** The confidences of an answer's calls. Tokens without a number are forced. */
function measure(format: ToolFormatName, tokens: [text: string, probability?: number][]): (CallConfidence | undefined)[] {
  const meter = new CallConfidenceMeter()
  const parser = createToolCallParser(getToolFormat(format), { tools })
  const all: GenerateEvent[] = []
  for (const [text, probability] of tokens) {
    const events: GenerateEvent[] = parser.push(text)
    meter.push(probability, text, events)
    all.push(...events)
  }
  const last: GenerateEvent[] = parser.finish({ finishReason: 'stop' })
  meter.push(undefined, '', last)
  return [...all, ...last].flatMap((event) => (event.type === 'tool-call' ? [event.confidence] : []))
}

describe('the confidence of a call', () => {
  it('is the mean over the tokens of its name, and of each value', () => {
    const confidences = measure('hermes', [
      ['I set it. ', 0.1],
      ['<tool_call>', 0.2],
      ['\n{"name": "', 0.3],
      ['set', 0.9],
      ['_light', 0.7],
      ['", "arguments": ', 0.2],
      ['{"room": ', 0.1],
      ['"kit', 0.6],
      ['chen"', 0.8],
      [', "level": ', 0.1],
      ['4', 0.5],
      ['0', 0.3],
      ['}', 1],
      ['}\n</tool_call>', 1],
    ])
    expect(confidences).toEqual([{ name: expect.closeTo(0.8), arguments: { room: expect.closeTo(0.7), level: expect.closeTo(0.4) } }])
  })

  it('does not count tokens that a grammar forced', () => {
    const confidences = measure('hermes', [
      ['<tool_call>\n{"name": "set'],
      ['_light'],
      ['", "arguments": {"room": "kit', 0.4],
      ['chen", "on": tr'],
      ['ue}}\n</tool_call>'],
    ])
    expect(confidences).toEqual([{ name: 1, arguments: { room: expect.closeTo(0.4), on: 1 } }])
  })

  it('is each call’s own, after long texts too', () => {
    const block = (name: number, value: number): [string, number][] => [
      ['<tool_call>\n{"name": "', 1],
      ['set', name],
      ['", "arguments": {"a": ', 1],
      ['"x"', value],
      ['}}\n</tool_call>', 1],
    ]
    const talk = Array.from({ length: 400 }, (): [string, number] => ['and set more ', 0.01])
    expect(measure('hermes', [...talk, ...block(0.9, 0.8), ...block(0.5, 0.3)])).toEqual([
      { name: 0.9, arguments: { a: 0.8 } },
      { name: 0.5, arguments: { a: 0.3 } },
    ])
  })

  it.each<[ToolFormatName, string[]]>([
    ['pythonic', ['[', '(room=', '"kit', 'chen"', ')]']],
    ['functiongemma', ['<start_function_call>call:', '{room:', '<escape>kit', 'chen<escape>', '}<end_function_call>']],
    ['mistral', ['[TOOL_CALLS]', '[ARGS]{"room": ', '"kit', 'chen"', '}']],
    ['qwen3-xml', ['<tool_call>\n<function=', '>\n<parameter=room>\n', 'kit', 'chen', '\n</parameter>\n</function>\n</tool_call>']],
  ])('is found in the format %s, where a value may show late', (format, [opening = '', before = '', first = '', second = '', after = '']) => {
    const [confidence] = measure(format, [
      [opening, 0.9],
      ['set', 0.9],
      ['_light', 0.7],
      [before, 0.9],
      [first, 0.3],
      [second, 0.1],
      [after, 0.9],
    ])
    expect(confidence?.name).toBeCloseTo(0.8)
    expect(confidence?.arguments.room).toBeGreaterThan(0.15)
    expect(confidence?.arguments.room).toBeLessThan(0.6)
  })

  it('has no arguments where there are none', () => {
    expect(measure('hermes', [['<tool_call>\n{"name": "set", "arguments": {}}\n</tool_call>', 0.5]])).toEqual([{ name: 0.5, arguments: {} }])
  })
})

it.each<[string, Record<string, string>]>([
  ['{"a": 1, "b" : "x, \\"}" ,"c":[1,{"d":2}], "e":{"a":3}}', { a: '1', b: '"x, \\"}"', c: '[1,{"d":2}]', e: '{"a":3}' }],
  ['{"a":true}', { a: 'true' }],
  ['{}', {}],
  ['', {}],
  ['[1]', {}],
  ['{"a": "unfinished', {}],
])('valueSpans finds the values of %s', (json, values) => {
  const found = [...valueSpans(json)].map(([key, { start, end }]) => [key, json.slice(start, end)])
  expect(Object.fromEntries(found)).toEqual(values)
})
