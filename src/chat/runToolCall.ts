import { LLMError, toLLMError } from '../errors/index.js'
import type { ToolCall } from '../inference/types.js'
import { validateInput } from '../tools/schema.js'
import { ToolSet } from '../tools/ToolSet.js'
import type { ToolOutcome } from './Answer.js'
import { toJSONValue } from './toJSONValue.js'
import type { ConversationOptions } from './types.js'

/** What a call runs with. */
export interface ToolCallEnvironment {
  getOptions: () => ConversationOptions
  signal: AbortSignal
  onError: (error: LLMError) => void
}

/**
 * Validates a call and runs its handler, the newest there is. Whatever goes wrong becomes text for
 * the model; the app's own mistakes are reported to `onError` too.
 */
export async function runToolCall(call: ToolCall, environment: ToolCallEnvironment): Promise<ToolOutcome> {
  const { getOptions, signal, onError } = environment
  try {
    return { output: await execute(call, new ToolSet(getOptions().tools), signal) }
  } catch (cause) {
    const error = toLLMError(cause, {
      code: 'tool-failed',
      message: `The tool "${call.name}" failed: ${describe(cause)}`,
      subject: call.name,
      recoverable: true,
    })
    const madeByApp = error.code === 'tool-failed' || error.code === 'invalid-tool-output'
    if (madeByApp && !signal.aborted) onError(error)
    return { errorText: error.code === 'tool-failed' ? describe(cause) : error.message }
  }
}

async function execute(call: ToolCall, tools: ToolSet, signal: AbortSignal): Promise<unknown> {
  const tool = tools.get(call.name)
  const input = await validateInput(tool.inputSchema, call.input, call.name)
  signal.throwIfAborted()
  const context = { toolCallId: call.id, signal }
  // `never` stands for "what this tool's own schema let through".
  const output = await untilAborted(() => tool.execute(input as never, context), signal)
  try {
    return toJSONValue(output)
  } catch (cause) {
    throw new LLMError({
      code: 'invalid-tool-output',
      message: `The result of "${call.name}" cannot be written as JSON: ${describe(cause)}. Return plain data.`,
      subject: call.name,
      cause,
    })
  }
}

/** A handler that ignores its signal must not hold up the turn. */
function untilAborted(run: () => unknown, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    void (async () => run())().then(resolve, reject)
  })
}

function describe(cause: unknown): string {
  if (cause instanceof Error) return cause.message
  return typeof cause === 'string' ? cause : 'unknown error'
}
