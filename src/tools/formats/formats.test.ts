import { describe, expect, it } from 'vitest'
import { createToolCallParser } from '../parser/createToolCallParser.js'
import type { ToolFormatName, ToolSpec } from '../types.js'
import { detectToolFormat } from './detectToolFormat.js'
import { getToolFormat, toolFormatNames } from './registry.js'

const tools: ToolSpec[] = [
  { name: 'one', description: 'The first', inputSchema: { type: 'object', properties: { a: { type: 'string' } } } },
  { name: 'two', description: 'The "second"', inputSchema: { type: 'object' } },
]

function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const words = ['', 'a', '"', '\\', '\\u0041', '</tool_call>', '<tool_call>', '[{', '}]', '<think>', '\n', '\u2028', 'é', '😀', '\ud83d', ': ,', 'name', 'arguments']

function randomText(next: (below: number) => number): string {
  return Array.from({ length: next(4) }, () => words[next(words.length)]).join('')
}

function randomValue(next: (below: number) => number, depth: number): unknown {
  const kind = next(depth > 0 ? 7 : 5)
  if (kind === 0) return randomText(next)
  if (kind === 1) return next(1000) - 500
  if (kind === 2) return (next(1000) - 500) / 7e8
  if (kind === 3) return next(2) === 0
  if (kind === 4) return null
  if (kind === 5) return Array.from({ length: next(4) }, () => randomValue(next, depth - 1))
  return randomObject(next, depth - 1)
}

function randomObject(next: (below: number) => number, depth: number): object {
  return Object.fromEntries(Array.from({ length: next(4) }, () => [randomText(next), randomValue(next, depth)]))
}

describe.each(toolFormatNames)('%s', (name) => {
  const format = getToolFormat(name)

  it('reads back what it renders: 1000 random sets of calls', () => {
    const next = random(7)
    for (let i = 0; i < 1000; i++) {
      const calls = Array.from({ length: 1 + next(3) }, () => ({
        name: next(2) === 0 ? 'one' : 'two',
        input: randomObject(next, 3),
      }))
      const parser = createToolCallParser(name, { tools: tools.map((tool) => ({ ...tool, inputSchema: { type: 'object' } })) })
      const rendered = format.renderCalls(calls)
      const pieces = i % 2 === 0 ? [rendered] : rendered.split('')
      const events = [...pieces.flatMap((piece) => parser.push(piece)), ...parser.finish({ finishReason: 'stop' })]
      const read = events.flatMap((event) => (event.type === 'tool-call' ? [{ name: event.name, input: event.input }] : []))
      expect(read).toEqual(calls)
      expect(events.filter(({ type }) => type === 'tool-error')).toEqual([])
      const text = events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('')
      expect(text.trim()).toBe('')
    }
  })

  it('lists every tool in the system message, behind the app\'s own', () => {
    const prompt = format.systemPrompt(tools, 'Be brief.')
    expect(prompt).toMatch(/^Be brief\.\n\n/)
    expect(prompt).toContain(
      '{"type": "function", "function": {"name": "one", "description": "The first", "parameters": {"type": "object", "properties": {"a": {"type": "string"}}}}}',
    )
    expect(prompt).toContain('"description": "The \\"second\\""')
    expect(prompt).toContain('<tool_call>')
  })

  it('adds nothing to the system message without tools', () => {
    expect(format.systemPrompt([], 'Be brief.')).toBe('Be brief.')
    expect(format.systemPrompt([])).toBe('')
  })

  it('puts the results of a step into one message', () => {
    const results = [
      { toolCallId: 'a', name: 'one', content: '{"ok":true}' },
      { toolCallId: 'b', name: 'two', content: 'null' },
    ]
    expect(format.renderResults(results)).toEqual([
      {
        role: 'user',
        content: '<tool_response>\n{"ok":true}\n</tool_response>\n<tool_response>\nnull\n</tool_response>',
      },
    ])
  })

  it('forces a call by an opening that its own rendering begins with', () => {
    const rendered = format.renderCalls([{ name: 'one', input: { a: 'x' } }])
    const any = format.forcedOpening('required') ?? 'none'
    const one = format.forcedOpening({ name: 'one' }) ?? 'none'
    expect(rendered.startsWith(any)).toBe(true)
    expect(rendered.startsWith(one)).toBe(true)
    expect(one.length).toBeGreaterThan(any.length)
    expect(format.forcedOpening('auto')).toBeUndefined()
    expect(format.forcedOpening('none')).toBeUndefined()
  })

  it('reads a call that begins with a forced opening', () => {
    const parser = createToolCallParser(format, { tools })
    const opening = format.forcedOpening({ name: 'one' }) ?? ''
    const rest = format.renderCalls([{ name: 'one', input: { a: 'x' } }]).slice(opening.length)
    const events = [...parser.push(opening), ...parser.push(rest)]
    expect(events.at(-1)).toMatchObject({ type: 'tool-call', name: 'one', input: { a: 'x' } })
  })
})

it('writes hermes calls to the letter', () => {
  expect(getToolFormat('hermes').renderCalls([{ name: 'one', input: { a: [1, 'x'] } }, { name: 'two', input: {} }])).toBe(
    '<tool_call>\n{"name": "one", "arguments": {"a": [1, "x"]}}\n</tool_call>\n<tool_call>\n{"name": "two", "arguments": {}}\n</tool_call>',
  )
})

it('writes smollm2 calls to the letter', () => {
  expect(getToolFormat('smollm2').renderCalls([{ name: 'one', input: { a: 1 } }, { name: 'two', input: {} }])).toBe(
    '<tool_call>[\n{"name": "one", "arguments": {"a": 1}},\n{"name": "two", "arguments": {}}\n]</tool_call>',
  )
})

it.each(['nope', 'toString'])('refuses the format %s and lists those there are', (name) => {
  expect(() => getToolFormat(name as ToolFormatName)).toThrow(
    expect.objectContaining({ code: 'invalid-config', subject: 'toolFormat', message: expect.stringContaining('hermes') as string }),
  )
})

describe('detectToolFormat', () => {
  it.each<[string, Parameters<typeof detectToolFormat>[0], ToolFormatName | undefined]>([
    ['Qwen and Granite 4', { chatTemplate: `{% if tools %}<tools>{% endif %}…'<tool_call>\\n{"name": "' + tool_call.name` }, 'hermes'],
    ['a template with lists', { chatTemplate: `{% if tools %}{% endif %}<tool_call>[\\n{"name"` }, 'smollm2'],
    ['stock SmolLM2', { chatTemplate: `<|im_start|>system\\nYou are SmolLM, by someone<|im_end|>` }, 'smollm2'],
    ['XML parameters in the same tags', { chatTemplate: '{% if tools %}<tool_call>\\n<function=' }, undefined],
    ['a template without tools but with the token', { chatTemplate: '{{ messages }}', specialTokens: ['<tool_call>'] }, 'hermes'],
    ['another family\'s template with the token left over', { chatTemplate: '{% if tools %}[AVAILABLE]', specialTokens: ['<tool_call>'] }, undefined],
    ['plain ChatML', { chatTemplate: '<|im_start|>{{ role }}', specialTokens: ['<|im_start|>'] }, 'hermes'],
    ['another family without tools', { chatTemplate: '<start_of_turn>{{ role }}', specialTokens: ['<start_of_turn>'] }, undefined],
    ['nothing', {}, undefined],
  ])('%s', (_name, clues, expected) => {
    expect(detectToolFormat(clues)).toBe(expected)
  })
})
