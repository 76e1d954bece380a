import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createToolCallParser, type ToolCallParserOptions } from './createToolCallParser.js'
import type { ParserFinishReason, ToolCallParserEvent } from './types.js'

const tools = [
  { name: 'set_color', inputSchema: z.object({ color: z.enum(['red', 'blue']), fade: z.number().optional() }) },
  { name: 'get_color', inputSchema: { type: 'object', properties: {} } },
  { name: 'write', inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'] } },
  { name: 'any', inputSchema: { type: 'object' } },
] satisfies ToolCallParserOptions['tools']

/** Parses an output that comes in the given pieces. */
function parse(
  pieces: readonly string[],
  finishReason: ParserFinishReason = 'stop',
  options: Partial<ToolCallParserOptions> = {},
): ToolCallParserEvent[] {
  let count = 0
  const parser = createToolCallParser('hermes', { tools, createId: () => `id${count++}`, ...options })
  return [...pieces.flatMap((piece) => parser.push(piece)), ...parser.finish({ finishReason })]
}

/** Events with neighbouring deltas of a kind joined: the content, whatever the cuts. */
function content(events: readonly ToolCallParserEvent[]): ToolCallParserEvent[] {
  const joined: ToolCallParserEvent[] = []
  for (const event of events) {
    const last = joined.at(-1)
    if (event.type === 'text-delta' && last?.type === 'text-delta') last.text += event.text
    else if (event.type === 'reasoning-delta' && last?.type === 'reasoning-delta') last.text += event.text
    else if (event.type === 'tool-input-delta' && last?.type === 'tool-input-delta' && last.id === event.id) last.delta += event.delta
    else joined.push({ ...event })
  }
  return joined
}

type Expected = { text: string } | { reasoning: string } | { call: string; input: unknown } | { error: RegExp; raw?: string; name?: string; input?: unknown }

/** The same without ids and pieces, to compare with what a case expects. */
function summary(events: readonly ToolCallParserEvent[]): unknown[] {
  return content(events).flatMap((event): unknown[] => {
    if (event.type === 'text-delta') return [{ text: event.text }]
    if (event.type === 'reasoning-delta') return [{ reasoning: event.text }]
    if (event.type === 'tool-call') return [{ call: event.name, input: event.input }]
    if (event.type === 'tool-error') return [{ error: event.message, raw: event.raw, name: event.name, input: event.input }]
    return []
  })
}

function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

function cut(text: string, next: () => number): string[] {
  const pieces: string[] = []
  for (let at = 0; at < text.length; ) {
    const length = 1 + Math.floor(next() * next() * 24)
    pieces.push(text.slice(at, at + length))
    at += length
  }
  return pieces
}

interface Case {
  output: string
  expected: Expected[]
  reason?: ParserFinishReason
  options?: Partial<ToolCallParserOptions>
}

const red = '{"name": "set_color", "arguments": {"color": "red"}}'
const blue = '{"name": "set_color", "arguments": {"color": "blue"}}'
const callRed = { call: 'set_color', input: { color: 'red' } }
const callBlue = { call: 'set_color', input: { color: 'blue' } }

const cases: Record<string, Case> = {
  'plain text': { output: 'Hello, world.\n\n- one\n- two  \n', expected: [{ text: 'Hello, world.\n\n- one\n- two  \n' }] },
  'text that looks like markup': {
    output: 'a < b, <tool>, <tool_cal>, </tool>, <thinking>, <<tool_callx <',
    expected: [{ text: 'a < b, <tool>, <tool_cal>, </tool>, <thinking>, <<tool_callx <' }],
  },
  'nothing': { output: '', expected: [] },
  'a call': { output: `<tool_call>\n${red}\n</tool_call>`, expected: [callRed] },
  'a call without line breaks': { output: `<tool_call>${red}</tool_call>`, expected: [callRed] },
  'a call over many lines': {
    output: '<tool_call>\n{\n  "name" : "set_color" ,\n  "arguments" : {\n    "color" : "red"\n  }\n}\n\n</tool_call>',
    expected: [callRed],
  },
  'text around calls, kept to the blank': {
    output: `  Sure.\n<tool_call>\n${red}\n</tool_call>\n<tool_call>\n${blue}\n</tool_call>\nDone. `,
    expected: [{ text: '  Sure.\n' }, callRed, { text: '\n' }, callBlue, { text: '\nDone. ' }],
  },
  'a list of calls': { output: `<tool_call>[\n${red},\n${blue}\n]</tool_call>`, expected: [callRed, callBlue] },
  'an empty list': { output: '<tool_call>[]</tool_call>', expected: [] },
  'an empty list with blanks': { output: '<tool_call>\n[ \n]\n</tool_call>', expected: [] },
  'several calls in one block': { output: `<tool_call>\n${red}\n${blue}\n</tool_call>`, expected: [callRed, callBlue] },
  'arguments before the name': {
    output: '<tool_call>\n{"arguments": {"color": "red"}, "name": "set_color"}\n</tool_call>',
    expected: [callRed],
  },
  'more keys than needed': {
    output: '<tool_call>{"id": {"name": "x"}, "name": "set_color", "type": ["function"], "arguments": {"color": "red"}}</tool_call>',
    expected: [callRed],
  },
  'parameters in place of arguments': {
    output: '<tool_call>{"name": "set_color", "parameters": {"color": "red"}}</tool_call>',
    expected: [callRed],
  },
  'arguments as a string of JSON': {
    output: '<tool_call>{"name": "set_color", "arguments": "{\\"color\\": \\"red\\"}"}</tool_call>',
    expected: [callRed],
  },
  'no arguments where none are needed': { output: '<tool_call>{"name": "get_color"}</tool_call>', expected: [{ call: 'get_color', input: {} }] },
  'null for no arguments': {
    output: '<tool_call>{"name": "get_color", "arguments": null}</tool_call>',
    expected: [{ call: 'get_color', input: {} }],
  },
  'markers inside a string': {
    output: '<tool_call>{"name": "write", "arguments": {"text": "</tool_call><tool_call>[{<think>\\"}]"}}</tool_call>!',
    expected: [{ call: 'write', input: { text: '</tool_call><tool_call>[{<think>"}]' } }, { text: '!' }],
  },
  'escapes': {
    output: '<tool_call>{"name": "write", "arguments": {"text": "\\u00e9\\ud83d\\ude00\\\\\\"\\n\\/"}}</tool_call>',
    expected: [{ call: 'write', input: { text: 'é😀\\"\n/' } }],
  },
  'characters outside the basic plane': {
    output: `😀<tool_call>{"name": "write", "arguments": {"text": "日本語 👩‍👩‍👧"}}</tool_call>😀`,
    expected: [{ text: '😀' }, { call: 'write', input: { text: '日本語 👩‍👩‍👧' } }, { text: '😀' }],
  },
  'line breaks as they are in a string': {
    output: '<tool_call>{"name": "write", "arguments": {"text": "one\ntwo\tthree"}}</tool_call>',
    expected: [{ call: 'write', input: { text: 'one\ntwo\tthree' } }],
  },
  'deep nesting and every kind of value': {
    output: '<tool_call>{"name": "any", "arguments": {"a": [[{"b": {}}], []], "n": [-1.5e+3, 0, true, false, null], "name": "x", "arguments": {"y": "}"}}}</tool_call>',
    expected: [{ call: 'any', input: { a: [[{ b: {} }], []], n: [-1500, 0, true, false, null], name: 'x', arguments: { y: '}' } } }],
  },
  'keys of Object.prototype': {
    output: '<tool_call>{"name": "any", "arguments": {"__proto__": {"x": 1}, "constructor": 2}}</tool_call>',
    expected: [{ call: 'any', input: JSON.parse('{"__proto__": {"x": 1}, "constructor": 2}') }],
  },
  'an escaped key': { output: '<tool_call>{"n\\u0061me": "set_color", "argument\\u0073": {"color": "red"}}</tool_call>', expected: [callRed] },

  'reasoning': {
    output: '<think>\nRed or <tool_call>?\n</think>\n\nRed.',
    expected: [{ reasoning: '\nRed or <tool_call>?\n' }, { text: '\n\nRed.' }],
  },
  'reasoning that the prompt opened': {
    output: 'Hm </thin </think>Red.',
    options: { generationPrompt: '<|im_start|>assistant\n<think>\n' },
    expected: [{ reasoning: 'Hm </thin ' }, { text: 'Red.' }],
  },
  'reasoning that the prompt closed': {
    output: 'Red.',
    options: { generationPrompt: '<|im_start|>assistant\n<think>\n\n</think>\n\n' },
    expected: [{ text: 'Red.' }],
  },
  'reasoning before a call': {
    output: `<think>a</think>\n<tool_call>\n${red}\n</tool_call>`,
    expected: [{ reasoning: 'a' }, { text: '\n' }, callRed],
  },
  'reasoning cut off': { output: '<think>a lot </thi', reason: 'length', expected: [{ reasoning: 'a lot </thi' }] },
  'think tags of a model that does not think': {
    output: 'The <think> tag.',
    options: { thinking: false },
    expected: [{ text: 'The <think> tag.' }],
  },

  'a stray closing tag': { output: 'a</tool_call>b</think>c', expected: [{ text: 'abc' }] },
  'a closing tag that was forgotten': { output: `<tool_call>\n${red}`, expected: [callRed] },
  'a closing tag that was forgotten before text': {
    output: `<tool_call>\n${red}\n\nIt is <b>red</b>.`,
    expected: [callRed, { text: '\n\nIt is <b>red</b>.' }],
  },
  'a closing tag that was forgotten before a call': {
    output: `<tool_call>\n${red}\n<tool_call>\n${blue}\n</tool_call>`,
    expected: [callRed, callBlue],
  },
  'a bracket too many': { output: `<tool_call>\n${red}}\n</tool_call>.`, expected: [callRed, { text: '.' }] },
  'a list that was not closed': { output: `<tool_call>[${red}</tool_call>.`, expected: [callRed, { text: '.' }] },

  'a bracket too few': {
    output: `<tool_call>\n{"name": "set_color", "arguments": {"color": "red"}\n</tool_call>\nok`,
    expected: [
      { error: /not valid JSON/, raw: `<tool_call>\n{"name": "set_color", "arguments": {"color": "red"}\n</tool_call>`, name: 'set_color' },
      { text: '\nok' },
    ],
  },
  'damage before a good call': {
    output: `<tool_call>{"name": set_color('red')}</tool_call><tool_call>${blue}</tool_call>`,
    expected: [{ error: /not valid JSON/, raw: `<tool_call>{"name": set_color('red')}</tool_call>` }, callBlue],
  },
  'damage without a closing tag before a good call': {
    output: `<tool_call>set_color(red)\n<tool_call>${blue}</tool_call>`,
    expected: [{ error: /not valid JSON/, raw: '<tool_call>set_color(red)\n' }, callBlue],
  },
  'damage inside a list': {
    output: `<tool_call>[${red}, {"name": "set_color", "arguments": {"color": 'blue'}}]</tool_call>.`,
    expected: [callRed, { error: /not valid JSON/, name: 'set_color' }, { text: '.' }],
  },
  'brackets that do not match': {
    output: '<tool_call>{"name": "any", "arguments": {"a": [1}}</tool_call>.',
    expected: [{ error: /not valid JSON/, name: 'any' }, { text: '.' }],
  },
  'a comma too many': {
    output: '<tool_call>{"name": "any", "arguments": {"a": 1,}}</tool_call>.',
    expected: [{ error: /not valid JSON/, name: 'any' }, { text: '.' }],
  },
  'words that JSON does not know': {
    output: '<tool_call>{"name": "any", "arguments": {"a": True}}</tool_call>',
    expected: [{ error: /not valid JSON/, name: 'any' }],
  },
  'a string that never ends': {
    output: `<tool_call>{"name": "set_color", "arguments": {"color": "red}}\n</tool_call>\nok <tool_call>${blue}</tool_call>`,
    expected: [
      { error: /never ends|not valid JSON/, raw: `<tool_call>{"name": "set_color", "arguments": {"color": "red}}\n</tool_call>`, name: 'set_color' },
      { text: '\nok ' },
      callBlue,
    ],
  },
  'the same key twice': {
    output: '<tool_call>{"name": "any", "arguments": {"a": 1}, "arguments": {"a": 2}}</tool_call>',
    expected: [{ error: /not valid JSON/, name: 'any' }],
  },
  'empty tags': { output: 'a<tool_call>\n</tool_call>b', expected: [{ text: 'a' }, { error: /no call/ }, { text: 'b' }] },
  'text between the tags': { output: '<tool_call>red</tool_call>', expected: [{ error: /not valid JSON/, raw: '<tool_call>red</tool_call>' }] },

  'an unknown tool': {
    output: '<tool_call>{"name": "paint", "arguments": {"color": "red"}}</tool_call>',
    expected: [{ error: /no tool named "paint".*set_color, get_color/, name: 'paint', input: { color: 'red' } }],
  },
  'a tool named like a method': { output: '<tool_call>{"name": "toString"}</tool_call>', expected: [{ error: /no tool named "toString"/ }] },
  'no name': { output: '<tool_call>{"arguments": {"color": "red"}}</tool_call>', expected: [{ error: /no "name"/ }] },
  'a name that is no string': { output: '<tool_call>{"name": 1, "arguments": {}}</tool_call>', expected: [{ error: /no "name"/ }] },
  'missing arguments': {
    output: '<tool_call>{"name": "set_color"}</tool_call>',
    expected: [{ error: /Invalid arguments for set_color.*color/, name: 'set_color', input: {} }],
  },
  'arguments that are a list': { output: '<tool_call>{"name": "any", "arguments": [1]}</tool_call>', expected: [{ error: /must be a JSON object/ }] },
  'a value of the wrong type': {
    output: '<tool_call>{"name": "set_color", "arguments": {"color": "red", "fade": "slow"}}</tool_call>',
    expected: [{ error: /fade/, name: 'set_color', input: { color: 'red', fade: 'slow' } }],
  },
  'a value outside of the enum': {
    output: `<tool_call>{"name": "set_color", "arguments": {"color": "mauve"}}</tool_call><tool_call>${red}</tool_call>`,
    expected: [{ error: /color.*red.*blue/, input: { color: 'mauve' } }, callRed],
  },

  'a call cut off in its arguments': {
    output: `<tool_call>${red}</tool_call>\n<tool_call>{"name": "set_color", "arguments": {"color": "bl`,
    reason: 'length',
    expected: [callRed, { text: '\n' }, { error: /token limit/, name: 'set_color', raw: '<tool_call>{"name": "set_color", "arguments": {"color": "bl' }],
  },
  'a call cut off in a string that holds a closing tag': {
    output: '<tool_call>{"name": "write", "arguments": {"text": "</tool_call> and',
    reason: 'length',
    expected: [{ error: /token limit/, name: 'write', raw: '<tool_call>{"name": "write", "arguments": {"text": "</tool_call> and' }],
  },
  'a call cut off before its last bracket': {
    output: '<tool_call>{"name": "set_color", "arguments": {"color": "red"}',
    reason: 'length',
    expected: [{ error: /token limit/, name: 'set_color' }],
  },
  'a call cut off behind its opening tag': { output: 'a<tool_call>', reason: 'length', expected: [{ text: 'a' }, { error: /token limit/ }] },
  'a call cut off in its opening tag': { output: 'a <tool_c', reason: 'length', expected: [{ text: 'a ' }, { error: /token limit/, raw: '<tool_c' }] },
  'text that ends like an opening tag begins': { output: 'a <tool_c', expected: [{ text: 'a <tool_c' }] },
  'text cut off behind a less-than sign': { output: 'a <', reason: 'length', expected: [{ text: 'a <' }] },
  'a complete call cut off in its closing tag': { output: `<tool_call>${red}\n</tool_`, reason: 'length', expected: [callRed] },
  'a call that the user stopped': {
    output: '<tool_call>{"name": "set_color", "arg',
    reason: 'abort',
    expected: [{ error: /stopped/, name: 'set_color' }],
  },
  'a call the model left unfinished': { output: '<tool_call>{"name": "set_color", "arg', expected: [{ error: /never ends/, name: 'set_color' }] },
}

function expectSummary(actual: unknown[], expected: Expected[]): void {
  expect(actual).toHaveLength(expected.length)
  expected.forEach((item, index) => {
    if ('error' in item) {
      const { error, ...rest } = item
      expect(actual[index]).toMatchObject({ ...rest, error: expect.stringMatching(error) as unknown })
    } else expect(actual[index]).toEqual(item)
  })
}

describe.each(Object.entries(cases))('%s', (_name, { output, expected, reason, options }) => {
  const whole = parse([output], reason, options)

  it('is read as meant', () => {
    expectSummary(summary(whole), expected)
  })

  it('is read the same character by character', () => {
    expect(content(parse(output.split(''), reason, options))).toEqual(content(whole))
  })

  it('is read the same in 200 random cuts', () => {
    const next = random(output.length)
    for (let i = 0; i < 200; i++) {
      const pieces = cut(output, next)
      expect(content(parse(pieces, reason, options)), JSON.stringify(pieces)).toEqual(content(whole))
    }
  })

  it('reports each call in order: start, pieces of its arguments, end', () => {
    const open = new Map<string, { name: string; raw: string }>()
    for (const event of whole) {
      if (event.type === 'tool-input-start') {
        expect(open.has(event.id)).toBe(false)
        open.set(event.id, { name: event.name, raw: '' })
      } else if (event.type === 'tool-input-delta') {
        const call = open.get(event.id)
        expect(call).toBeDefined()
        if (call) call.raw += event.delta
      } else if (event.type === 'tool-call') {
        const call = open.get(event.id)
        expect(call?.name).toBe(event.name)
        expect(JSON.parse(call?.raw ?? '')).toEqual(event.input)
        open.delete(event.id)
      } else if (event.type === 'tool-error' && event.id !== undefined) {
        expect(open.delete(event.id)).toBe(true)
      }
    }
    expect(open.size).toBe(0)
  })
})

describe('streaming', () => {
  it('reports the name and the arguments while they are written', () => {
    const parser = createToolCallParser('hermes', { tools, createId: () => 'x' })
    expect(parser.push('<tool_call>{"name": "set_co')).toEqual([])
    expect(parser.push('lor"')).toEqual([{ type: 'tool-input-start', id: 'x', name: 'set_color' }])
    expect(parser.push(', "arguments": {"col')).toEqual([{ type: 'tool-input-delta', id: 'x', delta: '{"col' }])
    expect(parser.push('or": "red"')).toEqual([{ type: 'tool-input-delta', id: 'x', delta: 'or": "red"' }])
    expect(parser.push('}}').at(-1)).toMatchObject({ type: 'tool-call', input: { color: 'red' } })
  })

  it('holds back no more text than may be a marker', () => {
    const parser = createToolCallParser('hermes', { tools })
    expect(parser.push('a <tool')).toEqual([{ type: 'text-delta', text: 'a ' }])
    expect(parser.push('box')).toEqual([{ type: 'text-delta', text: '<toolbox' }])
  })

  it('never ends a piece inside a character', () => {
    const parser = createToolCallParser('hermes', { tools })
    expect(parser.push('a\ud83d')).toEqual([{ type: 'text-delta', text: 'a' }])
    expect(parser.push('\ude00b')).toEqual([{ type: 'text-delta', text: '😀b' }])
  })

  it('makes ids of nine letters and digits that differ', () => {
    const parser = createToolCallParser('hermes', { tools })
    const ids = parser.push(`<tool_call>[${red},${blue}]</tool_call>`).flatMap((event) => (event.type === 'tool-call' ? [event.id] : []))
    expect(new Set(ids).size).toBe(2)
    for (const id of ids) expect(id).toMatch(/^[a-z0-9]{9}$/)
  })

  it('reads a long call in linear time', () => {
    const text = 'word '.repeat(100_000)
    const output = `<tool_call>{"name": "write", "arguments": ${JSON.stringify({ text })}}</tool_call>`
    const start = performance.now()
    expect(parse([output]).at(-1)).toMatchObject({ type: 'tool-call', input: { text } })
    expect(performance.now() - start).toBeLessThan(2000)
  })
})

it('says which tool gives no JSON Schema', () => {
  expect(() => createToolCallParser('hermes', { tools: [{ name: 'a', inputSchema: { type: 'string' } }] })).toThrow(
    expect.objectContaining({ code: 'invalid-tool', subject: 'inputSchema' }),
  )
})
