import { LLMError } from '../errors/index.js'
import type { Engine } from '../engine/types.js'
import type { FinishReason, GenerateRequest, ToolCall } from '../inference/types.js'
import { ToolSet } from '../tools/ToolSet.js'
import { createId } from '../tools/createId.js'
import { Answer } from './Answer.js'
import { runToolCall, type ToolCallEnvironment } from './runToolCall.js'
import { toPrompt } from './toPrompt.js'
import type { ConversationOptions, UIMessage } from './types.js'

/** What a turn runs with. */
export interface TurnEnvironment extends ToolCallEnvironment {
  engine: Pick<Engine, 'generate'>
  /** The conversation up to the user's message. */
  history: readonly UIMessage[]
  /** Gets the assistant's message after every change; `urgent` ones are more than another token. */
  onChange: (message: UIMessage, urgent: boolean) => void
}

/** Why a turn ended early; undefined if the model was done. */
export type TurnEnd = 'stopped' | 'length' | 'max-steps' | 'repeated-call' | undefined

/** Something the model tried: a call, or what was meant as one. */
interface Attempt {
  /** Equal for attempts that are the same. */
  key: string
  call?: ToolCall
}

/**
 * Generates and runs calls until the model answers without any, repeats itself, or has used its steps.
 * @throws LLMError of the engine, of the tools' definitions, or `invalid-config` for `maxSteps`.
 */
export async function runTurn(environment: TurnEnvironment): Promise<TurnEnd> {
  const { signal, getOptions } = environment
  const answer = new Answer(createId(), environment.onChange)
  let previous = new Set<string>()
  for (let step = 1; ; step++) {
    const { attempts, reason } = await generateStep(environment, answer, step)
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
    await Promise.all(
      fresh.map(async ({ call }) => {
        const outcome = await runToolCall(call, environment)
        if (!signal.aborted) answer.settle(call.id, outcome)
      }),
    )
    if (signal.aborted) return 'stopped'
    if (step >= maxSteps(getOptions())) return 'max-steps'
    previous = new Set(attempts.map(({ key }) => key))
  }
}

async function generateStep(
  { engine, history, signal, getOptions }: TurnEnvironment,
  answer: Answer,
  step: number,
): Promise<{ attempts: Attempt[]; reason: FinishReason }> {
  const options = getOptions()
  maxSteps(options)
  const messages = toPrompt(step === 1 ? history : [...history, answer.message], options.system)
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
      const { id, name, input } = event
      attempts.push({ key: `${name} ${stableJSON(input)}`, call: { id, name, input } })
    }
  }
  return { attempts, reason }
}

/** Options are picked by name: an app's own functions among them could not cross to the worker. */
function toRequest(messages: GenerateRequest['messages'], options: ConversationOptions, step: number): GenerateRequest {
  const { temperature, topK, topP, minP, repetitionPenalty, seed, maxTokens, stop, toolCallBias } = options
  const tools = new ToolSet(options.tools).specs()
  const { toolChoice = 'auto' } = options
  return {
    messages,
    tools,
    // A forced call is for the first step: forced again, the turn could not end.
    toolChoice: step > 1 && toolChoice !== 'none' ? 'auto' : toolChoice,
    ...{ temperature, topK, topP, minP, repetitionPenalty, seed, maxTokens, stop, toolCallBias },
  }
}

function maxSteps({ maxSteps = 5 }: ConversationOptions): number {
  if (Number.isInteger(maxSteps) && maxSteps > 0) return maxSteps
  throw new LLMError({
    code: 'invalid-config',
    message: `maxSteps is ${maxSteps}. Set it to a whole number of at least 1.`,
    subject: 'maxSteps',
  })
}

/** JSON with sorted keys. */
function stableJSON(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  )
}
