import { findDoubts, type Doubt } from '../../tools/doubts/index.js'
import { canonicalCall } from './canonicalCall.js'
import type { EvalCase, PlainCall, Prediction } from './types.js'

/** How many of some calls the check for doubts would stop. */
export interface StoppedShare {
  calls: number
  stopped: number
}

/** What the check for doubts finds in calls: apps ask the user before they run one of those, or refuse it. */
export interface DoubtCount extends StoppedShare {
  /** Calls that are among the expected ones, of cases that say what is right. */
  right: StoppedShare
  /** Calls that are not. */
  wrong: StoppedShare
  /** Every call that would be stopped. `isRight` is undefined where the case does not say. */
  found: { id: string | number; category: string | undefined; call: PlainCall; doubts: Doubt[]; isRight: boolean | undefined }[]
}

/** Checks the calls of answers as an app would before it runs them, with no tool marked as one that only reads. */
export function countDoubts(answered: readonly (EvalCase & { prediction: Prediction })[]): DoubtCount {
  const count: DoubtCount = { calls: 0, stopped: 0, right: { calls: 0, stopped: 0 }, wrong: { calls: 0, stopped: 0 }, found: [] }
  for (const item of answered) {
    for (const call of item.prediction.toolCalls) {
      const doubts = doubtsOf(call, item)
      const isRight = item.expected && isAmong(call, item)
      const judged = isRight === undefined ? [] : [isRight ? count.right : count.wrong]
      for (const share of [count, ...judged]) {
        share.calls++
        if (doubts.length > 0) share.stopped++
      }
      if (doubts.length > 0) count.found.push({ id: item.id, category: item.category, call, doubts, isRight })
    }
  }
  return count
}

/** The count as a line for a terminal. */
export function doubtLine({ calls, stopped, right, wrong }: DoubtCount): string {
  const judged = right.calls + wrong.calls
  const split = judged === 0 ? '' : `: ${right.stopped} of ${right.calls} right ones, ${wrong.stopped} of ${wrong.calls} wrong ones`
  return `Doubts would stop ${stopped} of ${calls} calls${split}.\n`
}

function doubtsOf(call: PlainCall, { messages, tools }: EvalCase): Doubt[] {
  const tool = tools.find(({ name }) => name === call.name)
  if (!tool) return []
  return findDoubts({
    input: call.arguments,
    inputSchema: tool.inputSchema,
    toolName: tool.name,
    description: tool.description,
    userTexts: messages.flatMap(({ role, content }) => (role === 'user' ? [content] : [])),
    contextTexts: messages.flatMap((message) => {
      if (message.role === 'user') return []
      const earlier = message.role === 'assistant' ? (message.toolCalls ?? []) : []
      // Calls of a history stand for calls that were accepted.
      return [message.content, ...earlier.map(({ input }) => JSON.stringify(input))]
    }),
  })
}

function isAmong(call: PlainCall, { expected = [], tools }: EvalCase): boolean {
  const schema = tools.find(({ name }) => name === call.name)?.inputSchema
  const key = canonicalCall(call, schema)
  return expected.some((calls) => calls.some((right) => canonicalCall(right, schema) === key))
}
