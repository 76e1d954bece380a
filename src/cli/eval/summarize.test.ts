import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { ToolSpec } from '../../inference/types.js'
import { judge } from './judge.js'
import { scoreTable } from './scoreTable.js'
import { summarize, type ScoredCase } from './summarize.js'
import type { PlainCall, RejectedCall } from './types.js'

interface Fixture {
  tools: { name: string; description: string; parameters: ToolSpec['inputSchema'] }[]
  cases: {
    name: string
    kind: string
    expected: PlainCall[]
    prediction: { calls: PlainCall[]; rejected: RejectedCall[]; text: string }
    match: boolean
    failure: string | null
  }[]
  summary: unknown
}

// Shared with the Python scorer, which must come to the same judgements.
const fixture = JSON.parse(readFileSync('test/fixtures/scoring.json', 'utf8')) as Fixture
const tools = fixture.tools.map(({ parameters, ...tool }) => ({ ...tool, inputSchema: parameters }))

function toCase({ kind, expected, prediction }: Fixture['cases'][number]): ScoredCase {
  return { category: kind, expected: [expected], tools, answer: { toolCalls: prediction.calls, rejected: prediction.rejected } }
}

describe('the matching rule', () => {
  it.each(fixture.cases)('$name', (item) => {
    const { answer, expected } = toCase(item)
    const failure = judge(answer, expected, tools)
    expect(failure ?? null).toBe(item.failure)
    expect(failure === undefined).toBe(item.match)
  })

  it('gives the same summary', () => {
    expect(summarize(fixture.cases.map(toCase))).toEqual(fixture.summary)
  })
})

describe('several right answers', () => {
  const timer = (minutes: number): PlainCall => ({ name: 'start_timer', arguments: { minutes } })
  const answer = (...toolCalls: PlainCall[]) => ({ toolCalls, rejected: [] })

  it('any of them is right', () => {
    expect(judge(answer(timer(2)), [[timer(1)], [timer(2)]], tools)).toBeUndefined()
    expect(judge(answer(), [[timer(1)], []], tools)).toBeUndefined()
  })

  it('an answer that is none of them is measured on the first', () => {
    expect(judge(answer(timer(3)), [[timer(1)], []], tools)).toBe('wrong-value')
  })

  it('a case is a refusal only where all of them are', () => {
    const summary = summarize([
      { category: undefined, expected: [[timer(1)], []], tools, answer: answer() },
      { category: undefined, expected: [[]], tools, answer: answer(timer(1)) },
    ])
    expect(summary).toMatchObject({ fullMatch: { cases: 1, right: 1 }, rightRefusals: { cases: 1, right: 0 }, falseCalls: 1 })
  })
})

it('the table has a line a category and a column a failure', () => {
  const table = scoreTable(summarize(fixture.cases.map(toCase)))
  expect(table.split('\n')[0]).toBe('category       cases    right  wrong-tool  wrong-value  missing-call  extra-call  malformed')
  expect(table).toContain('single            29   31.0 %           2           13             1           2          2')
  expect(table).toContain('Calls due: 28.9 % of 38 with every call right.\nNo call due: 60.0 % of 5 without a call.')
})
