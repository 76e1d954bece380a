import { LLMError } from '../errors/index.js'
import { closeMessage } from './closeMessage.js'
import type { UIMessage } from './types.js'

const VERSION = 1

/** A conversation as plain JSON, for any storage. */
export interface SavedMessages {
  /** Of this form. Versions of the package that know it can restore it. */
  version: 1
  messages: readonly UIMessage[]
}

/** The messages of a conversation, ready for `JSON.stringify`. Calls still under way are closed as interrupted. */
export function serializeMessages(messages: readonly UIMessage[]): SavedMessages {
  return { version: VERSION, messages: messages.map((message) => closeMessage(message)) }
}

/**
 * The messages that {@link serializeMessages} saved, for `initialMessages` or `setMessages`.
 * @param saved what `JSON.parse` gave; checked, since storage may hold anything.
 * @throws LLMError `invalid-history`; `subject` is `version` or `messages`.
 */
export function restoreMessages(saved: unknown): UIMessage[] {
  const { version, messages } = isRecord(saved) ? saved : {}
  if (version !== VERSION) {
    throw invalid('version', `This is no saved conversation of version ${VERSION}, but of version ${JSON.stringify(version) ?? 'unknown'}.`)
  }
  if (!Array.isArray(messages)) throw invalid('messages', 'The saved conversation has no list of messages.')
  const broken = messages.findIndex((message) => !isMessage(message))
  if (broken !== -1) throw invalid('messages', `Message ${broken} of the saved conversation is damaged.`)
  return (messages as UIMessage[]).map((message) => closeMessage(message))
}

function isMessage(value: unknown): boolean {
  if (!isRecord(value) || typeof value.id !== 'string' || !Array.isArray(value.parts)) return false
  return (value.role === 'user' || value.role === 'assistant') && value.parts.every(isPart)
}

const plainParts = new Set<unknown>(['text', 'reasoning'])

const toolStates = new Set<unknown>([
  'input-streaming',
  'input-available',
  'approval-requested',
  'approval-responded',
  'output-available',
  'output-error',
  'output-denied',
])

function isPart(part: unknown): boolean {
  if (!isRecord(part)) return false
  if (part.type === 'step-start') return true
  if (plainParts.has(part.type)) return typeof part.text === 'string'
  const isCall = part.type === `tool-${String(part.toolName)}` && typeof part.toolCallId === 'string'
  if (!isCall || !toolStates.has(part.state)) return false
  if (part.state === 'output-error') return typeof part.errorText === 'string'
  return !['approval-requested', 'approval-responded', 'output-denied'].includes(String(part.state)) || isRecord(part.approval)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function invalid(subject: string, message: string): LLMError {
  return new LLMError({ code: 'invalid-history', message: `${message} Start a new one instead.`, subject })
}
