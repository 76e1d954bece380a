import type { ToolSpec } from '../../inference/types.js'
import { judge, type Answer, type Failure } from './judge.js'
import type { PlainCall } from './types.js'

/** How many of some cases were right. */
export interface Share {
  cases: number
  right: number
}

/** Scores of one kind of cases. */
export interface KindScore extends Share {
  failures: Partial<Record<Failure, number>>
}

/** Scores of all cases. */
export interface ScoreSummary {
  kinds: Record<string, KindScore>
  /** Cases in which calls are right. */
  fullMatch: Share
  /** Cases in which no call is right. */
  rightRefusals: Share
  /** How often there was a call where none is right. */
  falseCalls: number
}

/** A case with its answer. */
export interface ScoredCase {
  category: string | undefined
  expected: readonly (readonly PlainCall[])[]
  tools: readonly ToolSpec[]
  answer: Answer
}

/** Judges every case and counts by category. */
export function summarize(cases: readonly ScoredCase[]): ScoreSummary {
  const kinds = new Map<string, KindScore>()
  const fullMatch = { cases: 0, right: 0 }
  const rightRefusals = { cases: 0, right: 0 }
  for (const { category = 'all', expected, tools, answer } of cases) {
    const failure = judge(answer, expected, tools)
    const kind = kinds.get(category) ?? { cases: 0, right: 0, failures: {} }
    kinds.set(category, kind)
    for (const share of [kind, isRefusal(expected) ? rightRefusals : fullMatch]) {
      share.cases++
      if (failure === undefined) share.right++
    }
    if (failure !== undefined) kind.failures[failure] = (kind.failures[failure] ?? 0) + 1
  }
  return {
    kinds: Object.fromEntries(kinds),
    fullMatch,
    rightRefusals,
    falseCalls: rightRefusals.cases - rightRefusals.right,
  }
}

/** Whether only an answer without calls is right. */
function isRefusal(expected: readonly (readonly PlainCall[])[]): boolean {
  return expected.every((calls) => calls.length === 0)
}
