import { expect, it } from 'vitest'
import { callEvent, runOf, settle, startConversation } from '../../test/helpers/conversation.js'
import type { ScriptedEngine } from '../../test/helpers/ScriptedEngine.js'
import { tool } from '../tools/tool.js'
import { isToolPart } from './isToolPart.js'
import { restoreMessages, serializeMessages } from './savedMessages.js'
import type { ToolPart } from './types.js'

const inputSchema = { type: 'object' } as const
const tools = [
  tool({ name: 'quick', description: 'x', inputSchema, execute: () => 'done' }),
  tool({ name: 'slow', description: 'x', inputSchema, execute: () => new Promise(() => undefined) }),
  tool({ name: 'asks', description: 'x', inputSchema, needsApproval: true, execute: () => 'done' }),
  tool({ name: 'waits', description: 'x', inputSchema }),
]

/** Brings the first generation as far as a call. */
async function called(engine: ScriptedEngine, ...names: string[]): Promise<void> {
  const run = await runOf(engine, 0)
  run.push(...names.map((name) => callEvent(`call-${name}`, name)))
  run.finish('tool-calls')
}

const phases: [string, (engine: ScriptedEngine) => Promise<void>, ToolPart['state'][]][] = [
  ['nothing has come', async (engine) => void (await runOf(engine, 0)), []],
  ['text streams', async (engine) => (await runOf(engine, 0)).text('Well, '), []],
  ['it reasons', async (engine) => (await runOf(engine, 0)).push({ type: 'reasoning-delta', text: 'Hm' }), []],
  [
    'a call is being written',
    async (engine) =>
      (await runOf(engine, 0)).push({ type: 'tool-input-start', id: 'w', name: 'slow' }, { type: 'tool-input-delta', id: 'w', delta: '{"a' }),
    ['output-error'],
  ],
  ['a handler runs beside one that is done', (engine) => called(engine, 'quick', 'slow'), ['output-available', 'output-error']],
  ['the user is asked', (engine) => called(engine, 'asks'), ['output-denied']],
  ['the app is waited for', (engine) => called(engine, 'waits'), ['output-error']],
  ['all of that is so at once', (engine) => called(engine, 'slow', 'asks', 'waits'), ['output-error', 'output-denied', 'output-error']],
  [
    'the next step streams',
    async (engine) => {
      await called(engine, 'quick')
      ;(await runOf(engine, 1)).text('So')
    },
    ['output-available'],
  ],
]

it.each(phases)('stop while %s leaves a history that can be saved, restored and sent', async (_phase, arrive, states) => {
  const { engine, conversation } = startConversation({ tools })
  const sent = conversation.sendMessage({ text: 'Go' })
  await arrive(engine)
  await settle()
  conversation.stop()
  await sent
  const { messages, status, error } = conversation.getSnapshot()
  expect({ status, error }).toEqual({ status: 'ready', error: undefined })
  expect(engine.runs.at(-1)?.signal?.aborted).toBe(true)
  expect(messages.flatMap(({ parts }) => parts.filter(isToolPart)).map(({ state }) => state)).toEqual(states)
  expect(restoreMessages(JSON.parse(JSON.stringify(serializeMessages(messages))))).toEqual(JSON.parse(JSON.stringify(messages)))

  const before = engine.runs.length
  void conversation.sendMessage({ text: 'Again' })
  const { request } = await runOf(engine, before)
  const calls = request.messages.flatMap((message) => (message.role === 'assistant' ? (message.toolCalls ?? []) : []))
  const results = request.messages.flatMap((message) => (message.role === 'tool' ? [message.toolCallId] : []))
  expect(results).toEqual(calls.map(({ id }) => id))
  const talk = request.messages.map(({ role }) => role).filter((role) => role !== 'tool')
  expect(talk.some((role, i) => role === 'user' && talk[i + 1] === 'user')).toBe(false)
  expect(talk.at(-1)).toBe('user')
  conversation.dispose()
})
