import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { runCommandLine } from './runCommandLine.js'

let folder: string
let out: string
let err: string
beforeAll(() => (folder = mkdtempSync(path.join(tmpdir(), 'eval-'))))
afterAll(() => rmSync(folder, { recursive: true }))
beforeEach(() => (out = err = ''))

const run = (...args: string[]) =>
  runCommandLine(args, { out: (text) => (out += text), err: (text) => (err += text), isTerminal: false })
const file = (name: string, ...lines: unknown[]) => {
  const target = path.join(folder, name)
  writeFileSync(target, lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''))
  return target
}

const tools = [{ name: 'paint', inputSchema: { properties: { color: { type: 'string' } } } }]
const paint = (color: string) => ({ name: 'paint', arguments: { color } })
const testCase = (id: string, expected: object[]) => ({ id, messages: [{ role: 'user', content: id }], tools, expected, category: expected.length > 0 ? 'single' : 'none' })

describe('the command line', () => {
  it('says what there is', async () => {
    expect(await run('--help')).toBe(0)
    expect(out).toMatch(/eval +answer a file of requests/)
    expect(out).toMatch(/doctor +find out what is wrong/)
    expect(await run()).toBe(2)
    expect(await run('evaluate')).toBe(2)
    expect(err).toContain('There is no command "evaluate"')
  })

  it('says how to use a command', async () => {
    expect(await run('eval', '--help')).toBe(0)
    for (const option of ['--cases', '--out', '--model', '--call-bias', '--resume', '--constrained']) expect(out).toContain(option)
    out = ''
    expect(await run('doctor', '--help')).toBe(0)
    for (const option of ['--against', '--prompt', '--text', '--json', '--plot', '--no-run']) expect(out).toContain(option)
  })
})

describe('options of eval', () => {
  const needed = () => ['eval', '--cases', file('one.jsonl', testCase('a', [])), '--out', path.join(folder, 'none.jsonl')]

  it.each([
    ['--cases is missing', ['eval', '--out', 'x', '--model', '.'], 2],
    ["Unknown option '--casse'", ['eval', '--casse', 'x'], 2],
    ['--limit is "0"', ['--model', 'models/smollm2-tiny', '--limit', '0'], 2],
    ['--dtype is "q5"', ['--model', 'models/smollm2-tiny', '--dtype', 'q5'], 2],
    ['--call-bias is "high"', ['--model', 'models/smollm2-tiny', '--call-bias', 'high'], 2],
    ['--model is missing', [], 2],
    ['model-not-found: There is no model in', ['--model', 'src'], 1],
  ])('%s', async (message, args, code) => {
    expect(await run(...(args[0] === 'eval' ? args : [...needed(), ...args]))).toBe(code)
    expect(err).toContain(message)
  })
})

describe('stored answers', () => {
  const cases = () => file('cases.jsonl', testCase('a', [paint('red')]), testCase('b', [paint('blue')]), testCase('c', []))
  const answers = [
    { id: 'a', toolCalls: [paint('Red.')], rejected: [], text: '' },
    { id: 'b', toolCalls: [], rejected: [{ reason: 'cut off', raw: '<tool_call>' }], text: '' },
    { id: 'c', toolCalls: [], text: 'No.' },
  ]

  it('are scored without a model, as a table and a report', async () => {
    const stored = file('all.jsonl', ...answers)
    const report = path.join(folder, 'report.json')
    expect(await run('eval', '--cases', cases(), '--out', stored, '--resume', '--report', report)).toBe(0)
    expect(out).toMatch(/single +2 +50.0 % +1\n/)
    expect(out).toContain('No call due: 100.0 % of 1')
    expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({
      cases: 3,
      scores: { fullMatch: { cases: 2, right: 1 }, falseCalls: 0 },
      failures: [{ id: 'b', category: 'single', failure: 'malformed' }],
      errors: [],
    })
  })

  it('but for a line that was cut off are kept; the rest needs a model', async () => {
    const stored = file('cut.jsonl', answers[0])
    writeFileSync(stored, `${JSON.stringify(answers[0])}\n{"id": "b", "tool`)
    expect(await run('eval', '--cases', cases(), '--out', stored, '--resume')).toBe(2)
    expect(err).toContain('--model is missing, and 2 cases have no answer yet')
    expect(readFileSync(stored, 'utf8')).toBe(`${JSON.stringify(answers[0])}\n`)
  })

  it('of another kind are refused and left as they are', async () => {
    const stored = file('other.jsonl', { name: 'no prediction' }, answers[0])
    expect(await run('eval', '--cases', cases(), '--out', stored, '--resume')).toBe(2)
    expect(err).toContain('line 1: it is no prediction')
    expect(readFileSync(stored, 'utf8')).toContain('no prediction')
  })
})
