import type { ToolSpec } from '../../inference/types.js'
import { canonicalCall } from './canonicalCall.js'
import type { PlainCall, RejectedCall } from './types.js'

/** How an answer can be wrong. */
export type Failure = 'wrong-tool' | 'wrong-value' | 'missing-call' | 'extra-call' | 'malformed'

/** All failures, in the order of tables. */
export const failures: readonly Failure[] = ['wrong-tool', 'wrong-value', 'missing-call', 'extra-call', 'malformed']

/** The part of a prediction that is judged. */
export interface Answer {
  toolCalls: readonly PlainCall[]
  rejected: readonly RejectedCall[] | readonly object[]
}

/**
 * Whether an answer is right: undefined if it is, else how it is wrong, measured on the first of
 * the right answers. Calls count without order; where none is due, any valid call is wrong and
 * rejected ones do no harm.
 */
export function judge(
  answer: Answer,
  expected: readonly (readonly PlainCall[])[],
  tools: readonly ToolSpec[],
): Failure | undefined {
  const results = expected.map((calls) => judgeOne(answer, calls, tools))
  return results.includes(undefined) ? undefined : results[0]
}

function judgeOne({ toolCalls, rejected }: Answer, expected: readonly PlainCall[], tools: readonly ToolSpec[]): Failure | undefined {
  const schemas = new Map(tools.map((tool) => [tool.name, tool.inputSchema]))
  const canonical = (calls: readonly PlainCall[]) => calls.map((call) => canonicalCall(call, schemas.get(call.name)))
  if (sameItems(canonical(toolCalls), canonical(expected))) return undefined
  if (toolCalls.length > expected.length) return 'extra-call'
  if (toolCalls.length < expected.length) return rejected.length > 0 ? 'malformed' : 'missing-call'
  const names = (calls: readonly PlainCall[]) => calls.map((call) => call.name)
  return sameItems(names(toolCalls), names(expected)) ? 'wrong-value' : 'wrong-tool'
}

function sameItems(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && [...a].sort().join('\0') === [...b].sort().join('\0')
}
