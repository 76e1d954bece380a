import { LLMError } from '../../errors/index.js'
import type { GenerateRequest } from '../types.js'

interface NumberRule {
  field: 'temperature' | 'topK' | 'topP' | 'minP' | 'repetitionPenalty' | 'seed' | 'maxTokens' | 'toolCallBias'
  holds(value: number): boolean
  what: string
}

const rules: readonly NumberRule[] = [
  { field: 'temperature', holds: (value) => value >= 0, what: 'a number from 0 on' },
  { field: 'topK', holds: (value) => Number.isInteger(value) && value >= 0, what: 'a whole number from 0 on' },
  { field: 'topP', holds: (value) => value > 0 && value <= 1, what: 'a number above 0, up to 1' },
  { field: 'minP', holds: (value) => value >= 0 && value <= 1, what: 'a number from 0 to 1' },
  { field: 'repetitionPenalty', holds: (value) => value > 0, what: 'a number above 0' },
  { field: 'seed', holds: Number.isInteger, what: 'a whole number' },
  { field: 'maxTokens', holds: (value) => Number.isInteger(value) && value > 0, what: 'a whole number from 1 on' },
  { field: 'toolCallBias', holds: () => true, what: 'a number' },
]

/** @throws LLMError `invalid-request`, naming the field. */
export function checkRequest(request: GenerateRequest): void {
  if (!Array.isArray(request.messages) || request.messages.length === 0) {
    throw invalid('messages', request.messages, 'a list with at least one message')
  }
  for (const [i, message] of request.messages.entries()) {
    const { content } = message as { content: unknown }
    if (typeof content !== 'string') throw invalid(`messages[${i}].content`, content, "text; use '' for none")
  }
  for (const { field, holds, what } of rules) {
    const value: unknown = request[field]
    if (value === undefined) continue
    if (typeof value !== 'number' || !Number.isFinite(value) || !holds(value)) throw invalid(field, value, what)
  }
  for (const field of ['constrained', 'parallelToolCalls', 'callConfidence'] as const) {
    const value: unknown = request[field]
    if (value !== undefined && typeof value !== 'boolean') throw invalid(field, value, 'true or false')
  }
  checkResponseFormat(request)
  const { stop } = request as { stop?: unknown }
  if (stop !== undefined && !(Array.isArray(stop) && stop.every((text) => typeof text === 'string'))) {
    throw invalid('stop', stop, 'a list of texts')
  }
}

function checkResponseFormat({ responseFormat, tools = [], toolChoice }: GenerateRequest): void {
  if (responseFormat === undefined) return
  const schema: unknown = (responseFormat as { schema?: unknown } | null)?.schema
  if (typeof schema !== 'object' || schema === null) throw invalid('responseFormat.schema', schema, 'a JSON Schema')
  if (tools.length > 0 && toolChoice !== 'none') throw invalid('responseFormat', 'set', 'left out of requests with tools')
}

function invalid(field: string, value: unknown, what: string): LLMError {
  const shown = typeof value === 'string' ? `"${value}"` : String(value)
  return new LLMError({
    code: 'invalid-request',
    subject: field,
    message: `\`${field}\` of the request is ${shown}; it must be ${what}.`,
  })
}
