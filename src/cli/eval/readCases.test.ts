import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseCase } from './parseCase.js'
import { readCases } from './readCases.js'

let folder: string
beforeAll(() => (folder = mkdtempSync(path.join(tmpdir(), 'cases-'))))
afterAll(() => rmSync(folder, { recursive: true }))

function write(...lines: string[]): string {
  const file = path.join(folder, 'cases.jsonl')
  writeFileSync(file, lines.join('\n'))
  return file
}

const paint = { name: 'paint', description: 'Paints', inputSchema: { type: 'object', properties: { color: { type: 'string' } } } }
const base = { id: 'a', messages: [{ role: 'user', content: 'red' }], tools: [paint] }
const line = (changes: object = {}) => JSON.stringify({ ...base, ...changes })

describe('a case', () => {
  it('has messages, tools, and what is right where that is known', () => {
    expect(parseCase(line())).toEqual({ ...base, category: undefined, expected: undefined })
    expect(parseCase(line({ expected: [], category: 'refusal' }))).toMatchObject({ expected: [[]], category: 'refusal' })
  })

  it('may have `parameters`, no description and no type of the schema', () => {
    const { tools } = parseCase(line({ tools: [{ name: 'paint', parameters: { properties: {} } }, { name: 'stop' }] }))
    expect(tools).toEqual([
      { name: 'paint', description: '', inputSchema: { type: 'object', properties: {} } },
      { name: 'stop', description: '', inputSchema: { type: 'object' } },
    ])
  })

  it('may have several right answers', () => {
    const call = { name: 'paint', arguments: { color: 'red' } }
    expect(parseCase(line({ expected: [call] })).expected).toEqual([[call]])
    expect(parseCase(line({ expected: [[call], []] })).expected).toEqual([[call], []])
  })

  it('may come after calls and their results', () => {
    const messages = [
      { role: 'assistant', content: null, toolCalls: [{ name: 'paint', arguments: { color: 'red' } }] },
      { role: 'tool', name: 'paint', content: { ok: true } },
    ]
    expect(parseCase(line({ messages })).messages).toEqual([
      { role: 'assistant', content: '', toolCalls: [{ id: expect.any(String) as string, name: 'paint', input: { color: 'red' } }] },
      { role: 'tool', name: 'paint', toolCallId: expect.any(String) as string, content: '{"ok":true}' },
    ])
  })

  it.each<[string, object]>([
    ['"id" is missing', { id: undefined }],
    ['"messages" is missing', { messages: undefined }],
    ['"messages" is empty', { messages: [] }],
    ['messages[0].role is "robot"', { messages: [{ role: 'robot', content: '' }] }],
    ['messages[0].content is 3', { messages: [{ role: 'user', content: 3 }] }],
    ['tools[0].name is missing', { tools: [{ description: 'x' }] }],
    ['two tools of one name', { tools: [paint, paint] }],
    ['it must be "object"', { tools: [{ name: 'a', parameters: { type: 'string' } }] }],
    ['expected[0].name is missing', { expected: [{ arguments: {} }] }],
    ['expected[0].arguments is "x"', { expected: [{ name: 'a', arguments: 'x' }] }],
    ['"category" is 1', { category: 1 }],
  ])('is refused with the reason: %s', (reason, change) => {
    expect(() => parseCase(line(change))).toThrow(reason)
  })
})

describe('a file of cases', () => {
  it('is read in its order, without empty lines', () => {
    expect(readCases(write(line(), '', line({ id: 2 }), '')).map(({ id }) => id)).toEqual(['a', 2])
  })

  it('is refused as a whole, with the number of every bad line', () => {
    const file = write(line(), '{"id": "b"', line({ id: 'c', messages: [] }), line())
    expect(() => readCases(file)).toThrow(
      expect.objectContaining({
        code: 'invalid-input',
        subject: file,
        message: expect.stringMatching(/3 lines[\s\S]*line 2: it is not valid JSON[\s\S]*line 3: "messages" is empty[\s\S]*line 4: the id "a" is that of line 1/) as string,
      }),
    )
  })

  it('is refused when it is empty or not there', () => {
    expect(() => readCases(write(''))).toThrow(/has no cases/)
    expect(() => readCases(path.join(folder, 'none.jsonl'))).toThrow(expect.objectContaining({ code: 'invalid-input' }))
  })
})
