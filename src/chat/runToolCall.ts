import { LLMError, toLLMError } from '../errors/index.js'
import type { GenerateEvent } from '../inference/types.js'
import { validateInput } from '../tools/schema.js'
import { ToolSet } from '../tools/ToolSet.js'
import type { Tool, ToolSpec } from '../tools/types.js'
import type { Answer, ToolOutcome } from './Answer.js'
import { describeDoubts } from './callDoubts.js'
import { describeCause } from './describeCause.js'
import type { PendingCalls, ToolCallResult } from './PendingCalls.js'
import { reviewCall } from './reviewCall.js'
import { toolResult } from './toolResult.js'
import type { Approval, ConversationOptions, UIMessage } from './types.js'
import { withDeadline, type Deadline } from './withDeadline.js'

/** What a call runs with. */
export interface ToolCallEnvironment {
  /** The conversation up to the call. */
  messages: readonly UIMessage[]
  getOptions: () => ConversationOptions
  /** The turn's. */
  signal: AbortSignal
  onError: (error: LLMError) => void
  pending: PendingCalls
  /** The tools as the model had them when it wrote the call. */
  offered: readonly ToolSpec[]
}

/** A call as the engine reports it. */
export type CallEvent = Extract<GenerateEvent, { type: 'tool-call' }>

/** A tool with the input that its schema let through. */
interface PreparedCall {
  tool: Tool
  // `never` stands for "what this tool's own schema let through".
  input: never
}

/** Errors that are the app's own to mend: reported, beside what the model is told. */
const madeByApp = new Set(['tool-failed', 'tool-timeout', 'invalid-tool-output'])

/**
 * Validates a call, asks the user where that is due, and runs its handler, the newest there is, or
 * waits for the app's result. Whatever goes wrong becomes text for the model; the app's own mistakes
 * are reported to `onError` too.
 */
export async function runToolCall(
  call: CallEvent,
  answer: Answer,
  environment: ToolCallEnvironment,
): Promise<ToolOutcome> {
  const { signal, onError } = environment
  try {
    return await perform(call, answer, environment)
  } catch (cause) {
    const error = toLLMError(cause, {
      code: 'tool-failed',
      message: `The tool "${call.name}" failed: ${describeCause(cause)}`,
      subject: call.name,
      recoverable: true,
    })
    if (madeByApp.has(error.code) && !signal.aborted) onError(error)
    return { errorText: error.code === 'tool-failed' ? describeCause(cause) : error.message, errorCode: error.code }
  }
}

async function perform(call: CallEvent, answer: Answer, environment: ToolCallEnvironment): Promise<ToolOutcome> {
  const first = await prepare(call, environment)
  const { messages } = environment
  const { doubts, isRefused, because } = reviewCall({ call, ...first, messages }, environment.getOptions())
  if (doubts.length > 0) answer.addDoubts(call.id, doubts)
  if (isRefused) return { errorText: describeDoubts(doubts) }
  if (because.length === 0) return execute(call, first, answer, environment)

  const answered = environment.pending.approvals.wait(call.id, environment.signal)
  answer.requestApproval(call.id, { because })
  const { approved, reason } = await answered
  const approval: Approval = { because, approved, ...(reason === undefined ? {} : { reason }) }
  if (!approved) return { denied: approval }
  answer.allow(call.id, approval)
  // While the user thought, the app may have rendered anew: the newest handler is the one to call.
  return execute(call, await prepare(call, environment), answer, environment)
}

async function prepare(call: CallEvent, { getOptions, signal, offered }: ToolCallEnvironment): Promise<PreparedCall> {
  const tool = new ToolSet(getOptions().tools).get(call.name)
  const { inputSchema: checkedBy } = offered.find(({ name }) => name === call.name) ?? { inputSchema: {} }
  const input = await validateInput(tool.inputSchema, call.input, call.name, checkedBy)
  signal.throwIfAborted()
  return { tool, input: input as never }
}

async function execute(
  { id, name }: CallEvent,
  { tool, input }: PreparedCall,
  answer: Answer,
  { signal, pending }: ToolCallEnvironment,
): Promise<ToolOutcome> {
  const { execute, timeout } = tool
  const run = (own: AbortSignal): unknown => {
    if (execute) return execute(input, { toolCallId: id, signal: own })
    const given = pending.results.wait(id, own)
    answer.awaitResult(id)
    return given
  }
  const given = await withDeadline(run, signal, timeout === undefined ? undefined : deadline(name, timeout))
  if (execute) return { output: await toolResult(tool, given) }
  const result = given as ToolCallResult
  return 'errorText' in result ? { errorText: result.errorText } : { output: await toolResult(tool, result.output) }
}

function deadline(name: string, milliseconds: number): Deadline {
  return {
    milliseconds,
    createError: () =>
      new LLMError({
        code: 'tool-timeout',
        message: `The tool "${name}" gave no result within ${milliseconds} ms.`,
        subject: name,
        recoverable: true,
      }),
  }
}
