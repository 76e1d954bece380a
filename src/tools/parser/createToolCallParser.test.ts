import { describe, expect, it } from 'vitest'
import { getToolFormat, toolFormatNames } from '../formats/registry.js'
import { parseOutput } from '../formats/testing/parseOutput.js'
import { testTools as tools } from '../formats/testing/testTools.js'
import { createToolCallParser } from './createToolCallParser.js'

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

  it.each(toolFormatNames)('reads long damage in linear time: %s', (name) => {
    const opening = getToolFormat(name).opening[0] ?? ''
    const start = performance.now()
    parseOutput(name, [`${opening}x(! ${'word "{\n'.repeat(20_000)}`])
    parseOutput(name, [opening + 'word'.repeat(40_000)])
    expect(performance.now() - start).toBeLessThan(2000)
  })

  it('reads a long call in linear time', () => {
    const text = 'word '.repeat(100_000)
    const output = `<tool_call>{"name": "write", "arguments": ${JSON.stringify({ text })}}</tool_call>`
    const start = performance.now()
    expect(parseOutput('hermes', [output]).at(-1)).toMatchObject({ type: 'tool-call', input: { text } })
    expect(performance.now() - start).toBeLessThan(2000)
  })
})

it('says which tool gives no JSON Schema', () => {
  expect(() => createToolCallParser('hermes', { tools: [{ name: 'a', inputSchema: { type: 'string' } }] })).toThrow(
    expect.objectContaining({ code: 'invalid-tool', subject: 'inputSchema' }),
  )
})

it.each(['harmony', 'gemma4'] as const)('says that %s has no text without channels', (format) => {
  expect(() => createToolCallParser(format, { tools: [], thinking: false })).toThrow(expect.objectContaining({ code: 'invalid-config', subject: 'thinking' }))
  expect(() => createToolCallParser(format, { tools: [], thinking: true })).not.toThrow()
})
