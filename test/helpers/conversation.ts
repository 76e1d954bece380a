import { expect, vi } from 'vitest'
import { Conversation, type ConversationInit } from '../../src/chat/Conversation.js'
import type { ConversationOptions, UIMessage } from '../../src/chat/types.js'
import type { GenerateEvent } from '../../src/inference/types.js'
import { ScriptedEngine, type ScriptedRun } from './ScriptedEngine.js'

/**
 * A conversation on an engine that the test plays by hand. Options may be changed later. Calls run
 * although a test's messages do not ask for them, unless the options say otherwise.
 */
export function startConversation(options: ConversationOptions = {}, init: ConversationInit = {}) {
  const engine = new ScriptedEngine()
  const conversation = new Conversation(engine, () => ({ onDoubt: 'execute', ...options }), { scheduler: queueMicrotask, ...init })
  return { engine, conversation, options }
}

/** The n-th generation, once it has begun. */
export async function runOf(engine: ScriptedEngine, index: number): Promise<ScriptedRun> {
  await vi.waitFor(() => expect(engine.runs.length).toBeGreaterThan(index), { interval: 1 })
  const run = engine.runs[index]
  if (run === undefined) throw new Error('no run')
  return run
}

/** Lets everything that is due happen. */
export const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2))

export const callEvent = (id: string, name = 'slow', input: unknown = {}): GenerateEvent => ({
  type: 'tool-call',
  id,
  name,
  input,
})

/** A message's texts. */
export function textOf(message: UIMessage | undefined): string {
  return (message?.parts ?? []).flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('|')
}
