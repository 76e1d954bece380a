import type { Engine } from '../engine/types.js'
import type { FinishReason, GenerateRequest } from '../inference/types.js'
import { ToolSet } from '../tools/ToolSet.js'
import { createId } from '../tools/createId.js'
import type { ToolSpec } from '../tools/types.js'
import { Answer } from './Answer.js'
import { assertOptions, DEFAULT_STEPS } from './assertOptions.js'
import { runToolCall, type CallEvent, type ToolCallEnvironment } from './runToolCall.js'
import { toPrompt } from './toPrompt.js'
import type { ConversationOptions, UIMessage } from './types.js'

export { PendingCalls } from './PendingCalls.js'

/** What a turn runs with. */
export interface TurnEnvironment extends Omit<ToolCallEnvironment, 'messages' | 'offered'> {
  /** The conversation up to the user's message. */
  history: readonly UIMessage[]
  engine: Pick<Engine, 'generate'>
  /** Gets the assistant's message after every change; `urgent` ones are more than another token. */
  onChange: (message: UIMessage, urgent: boolean) => void
}

/** Why a turn ended early; undefined if the model was done. */
export type TurnEnd = 'stopped' | 'length' | 'max-steps' | 'repeated-call' | undefined

/** Something the model tried: a call, or what was meant as one. */
interface Attempt {
  /** Equal for attempts that are the same. */
  key: string
  call?: CallEvent
}

/**
 * Generates and runs calls until the model answers without any, repeats itself, or has used its steps.
 * @throws LLMError of the engine, of the tools' definitions, or `invalid-config` for options out of range.
 */
export async function runTurn(environment: TurnEnvironment): Promise<TurnEnd> {
  const { signal, getOptions } = environment
  const answer = new Answer(createId(), environment.onChange)
  let previous = new Set<string>()
  for (let step = 1; ; step++) {
    const { attempts, reason, offered } = await generateStep(environment, answer, step)
    if (signal.aborted || reason === 'abort') return 'stopped'
    const calls = attempts.flatMap(({ call, key }) => (call === undefined ? [] : [{ call, key }]))
    if (calls.length === 0 && reason === 'length') return 'length'
    if (attempts.length === 0) return undefined

    const fresh = calls.filter(({ call, key }) => {
      if (!previous.has(key)) return true
      answer.settle(call.id, { errorText: 'Not run again: the same call was made just before.' })
      return false
    })
    if (attempts.every(({ key }) => previous.has(key))) return 'repeated-call'
    // Calls of one step were written at once: none of them could know what another one gives.
    const messages = [...environment.history, answer.message]
    await Promise.all(
      fresh.map(async ({ call }) => {
        const outcome = await runToolCall(call, answer, { ...environment, messages, offered })
        if (!signal.aborted) answer.settle(call.id, outcome)
      }),
    )
    if (signal.aborted) return 'stopped'
    if (step >= (getOptions().maxSteps ?? DEFAULT_STEPS)) return 'max-steps'
    previous = new Set(attempts.map(({ key }) => key))
  }
}

async function generateStep(
  { engine, history, signal, getOptions }: TurnEnvironment,
  answer: Answer,
  step: number,
): Promise<{ attempts: Attempt[]; reason: FinishReason; offered: ToolSpec[] }> {
  const options = getOptions()
  assertOptions(options)
  const messages = toPrompt(step === 1 ? history : [...history, answer.message], options)
  const request = toRequest(messages, options, step)
  const attempts: Attempt[] = []
  let reason: FinishReason = 'stop'
  answer.startStep()
  for await (const event of engine.generate(request, { signal })) {
    if (signal.aborted) break
    answer.apply(event)
    if (event.type === 'finish') reason = event.reason
    else if (event.type === 'tool-error') attempts.push({ key: event.raw })
    else if (event.type === 'tool-call') {
      attempts.push({ key: `${event.name} ${stableJSON(event.input)}`, call: event })
    }
  }
  const { tools: offered = [] } = request
  const wereOffered = offered.length > 0 && request.toolChoice !== 'none'
  if (attempts.length > 0) answer.setToolUse('called')
  else if (step === 1 && !wereOffered) answer.setToolUse('not-offered')
  else if (step === 1 && reason === 'stop') answer.setToolUse('not-called')
  return { attempts, reason, offered }
}

/** Options are picked by name: an app's own functions among them could not cross to the worker. */
function toRequest(messages: GenerateRequest['messages'], options: ConversationOptions, step: number): GenerateRequest {
  const { temperature, topK, topP, minP, repetitionPenalty, seed, maxTokens, stop, toolCallBias, parallelToolCalls, constrained } = options
  const tools = new ToolSet(options.tools).specs()
  const { toolChoice = 'auto' } = options
  return {
    messages,
    tools,
    // A forced call is for the first step: forced again, the turn could not end.
    toolChoice: step > 1 && toolChoice !== 'none' ? 'auto' : toolChoice,
    callConfidence: (options.confirmBelow ?? 0) > 0,
    ...{ temperature, topK, topP, minP, repetitionPenalty, seed, maxTokens, stop, toolCallBias, parallelToolCalls, constrained },
  }
}

/** JSON with sorted keys. */
function stableJSON(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  )
}
