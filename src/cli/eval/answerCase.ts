import { isLLMError } from '../../errors/index.js'
import type { Engine } from '../../engine/index.js'
import type { EvalCase, Prediction } from './types.js'

/** How every case is answered. */
export interface AnswerOptions {
  maxTokens: number
  toolCallBias: number | undefined
  tokens: boolean
  constrained: boolean
}

/** Failures of one case, after which the next can run. */
const ownFailures = new Set(['context-overflow', 'chat-template-failed', 'invalid-request', 'invalid-tool'])

/**
 * The model's answer to one case, greedily decoded.
 * @throws LLMError what has to do with the model and not with the case.
 */
export async function answerCase(engine: Engine, { id, messages, tools }: EvalCase, options: AnswerOptions): Promise<Prediction> {
  const prediction: Prediction = { id, toolCalls: [], rejected: [], text: '' }
  const { maxTokens, toolCallBias, constrained } = options
  try {
    for await (const event of engine.generate({ messages, tools, maxTokens, toolCallBias, constrained, temperature: 0 })) {
      if (event.type === 'text-delta') prediction.text += event.text
      else if (event.type === 'tool-call') prediction.toolCalls.push({ name: event.name, arguments: event.input })
      else if (event.type === 'tool-error') {
        const { name, input, message, raw } = event
        prediction.rejected.push({ name, arguments: input, reason: message, raw })
      } else if (event.type === 'finish') {
        prediction.metrics = { ...event.metrics, finishReason: event.reason }
        if (options.tokens) prediction.tokenIds = event.tokenIds
      }
    }
  } catch (error) {
    if (!isLLMError(error) || !ownFailures.has(error.code)) throw error
    return { id, toolCalls: [], rejected: [], text: '', error: { code: error.code, message: error.message } }
  }
  prediction.text = prediction.text.trim()
  return prediction
}
