import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { hermesOutputs, type ExpectedContent } from '../../../test/fixtures/hermesOutputs.js'
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

function expectSummary(actual: unknown[], expected: ExpectedContent[]): void {
  expect(actual).toHaveLength(expected.length)
  expected.forEach((item, index) => {
    if ('error' in item) {
      const { error, ...rest } = item
      expect(actual[index]).toMatchObject({ ...rest, error: expect.stringMatching(error) as unknown })
    } else expect(actual[index]).toEqual(item)
  })
}

describe.each(Object.entries(hermesOutputs))('%s', (_name, { output, expected, reason, options }) => {
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

const red = '{"name": "set_color", "arguments": {"color": "red"}}'
const blue = '{"name": "set_color", "arguments": {"color": "blue"}}'

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
