import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createEngine } from 'react-edge-llm/engine'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand } from '../helpers/runCommand.js'
import { modelFolder } from '../helpers/embeddedModel.js'

const tools = [
  { name: 'set_square_color', description: 'Changes the color', inputSchema: { type: 'object', properties: { color: { type: 'string' } }, required: ['color'] } },
]
const requests = ['Make it red', 'What is a prime?', 'Now blue, please', 'Hello', 'Green!']

let folder: string
let cases: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'eval-'))
  cases = path.join(folder, 'cases.jsonl')
  const lines = requests.map((content, i) => ({ id: i, messages: [{ role: 'user', content }], tools, category: 'any', expected: [] }))
  writeFileSync(cases, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
})
afterAll(() => rmSync(folder, { recursive: true }))

interface Line {
  id: number
  text: string
  toolCalls: unknown[]
  rejected: unknown[]
  tokenIds: number[]
  metrics: { promptTokens: number; reusedTokens: number; completionTokens: number; finishReason: string }
}

/** Runs the built command on the tiny model. */
async function evaluate(out: string, ...args: string[]) {
  const file = path.join(folder, out)
  const model = ['--model', modelFolder('smollm2-tiny'), '--dtype', 'fp32', '--max-tokens', '8', '--tokens']
  const result = await runCommand('eval', '--cases', cases, '--out', file, ...model, ...args)
  const lines = readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Line)
  return { ...result, lines: lines.sort((a, b) => a.id - b.id) }
}

describe('react-edge-llm eval', () => {
  it('answers each case as the engine does, whichever of several engines runs it', async () => {
    const [one, two] = [await evaluate('one.jsonl'), await evaluate('two.jsonl', '--concurrency', '2')]
    expect(one).toMatchObject({ code: 0, stdout: expect.stringContaining('No call due: 100.0 % of 5') as string })
    expect(one.stderr).toMatch(/5 of 5 cases, [\d.]+ a second, took \d+ s/)
    expect(one.lines.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4])
    expect(two.lines.map(({ tokenIds }) => tokenIds)).toEqual(one.lines.map(({ tokenIds }) => tokenIds))

    const engine = createEngine({ models: { onnx: modelFolder('smollm2-tiny') }, dtype: 'fp32' })
    for await (const event of engine.generate({ messages: [{ role: 'user', content: requests[0]! }], tools, maxTokens: 8 })) {
      if (event.type === 'finish') expect(one.lines[0]?.tokenIds).toEqual(event.tokenIds)
    }
    engine.dispose()
  })

  it('leaves answers without calls as they are when calls are kept within their schemas', async () => {
    const report = path.join(folder, 'kept.json')
    const [free, kept] = [await evaluate('free.jsonl'), await evaluate('kept.jsonl', '--constrained', '--report', report)]
    expect(kept.lines.map(({ tokenIds }) => tokenIds)).toEqual(free.lines.map(({ tokenIds }) => tokenIds))
    expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({ options: { constrained: true } })
  })

  it('finds the tools of the case before in the KV cache', async () => {
    const { lines } = await evaluate('reuse.jsonl')
    expect(lines[0]?.metrics.reusedTokens).toBe(0)
    for (const { metrics } of lines.slice(1)) expect(metrics.reusedTokens).toBeGreaterThanOrEqual(64)
  })

  it('goes on where it was stopped', async () => {
    const { lines } = await evaluate('resume.jsonl', '--limit', '2')
    expect(lines).toHaveLength(2)
    const rest = await evaluate('resume.jsonl', '--resume')
    expect(rest.stderr).toContain('2 cases are answered already.')
    expect(rest.stderr).toContain('3 of 3 cases')
    expect(rest.lines.map(({ id }) => id)).toEqual([0, 1, 2, 3, 4])
  })

  it('leans to calls, or away from them, as told', async () => {
    const free = await evaluate('free.jsonl', '--limit', '1')
    const eager = await evaluate('eager.jsonl', '--limit', '1', '--call-bias', '1000')
    const never = await evaluate('never.jsonl', '--limit', '1', '--call-bias', '-1000')
    // This tokenizer has no token for the whole of "<tool_call>"; its first is "<".
    const opening = 44
    expect(eager.lines[0]?.tokenIds[0]).not.toBe(free.lines[0]?.tokenIds[0])
    expect(eager.lines[0]?.tokenIds[0]).toBe(opening)
    expect(never.lines[0]?.tokenIds).toEqual(free.lines[0]?.tokenIds)
  })
})
