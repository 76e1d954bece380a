import { describe, expect, it, vi } from 'vitest'
import { callEvent, runOf, settle, startConversation, textOf } from '../../test/helpers/conversation.js'
import type { GenerateEvent } from '../inference/types.js'
import { tool } from '../tools/tool.js'
import type { ConversationSnapshot, UIMessage } from './types.js'

describe('messages', () => {
  const saved: UIMessage[] = [
    { id: '1', role: 'user', parts: [{ type: 'text', text: 'One', state: 'done' }] },
    { id: '2', role: 'assistant', parts: [{ type: 'text', text: 'Two', state: 'done' }] },
  ]

  it('can be given at the start', async () => {
    const { engine, conversation } = startConversation({}, { messages: saved, id: 'chat' })
    expect(conversation.id).toBe('chat')
    void conversation.sendMessage({ text: 'Three' })
    expect((await runOf(engine, 0)).request.messages.map(({ content }) => content)).toEqual(['One', 'Two', 'Three'])
  })

  it('can be set, as a list or by a function', () => {
    const { conversation } = startConversation()
    conversation.setMessages(saved)
    expect(conversation.getSnapshot().messages).toEqual(saved)
    conversation.setMessages((messages) => messages.slice(0, 1))
    expect(conversation.getSnapshot().messages).toEqual(saved.slice(0, 1))
  })

  it('that are set during a turn stop it', async () => {
    const { engine, conversation } = startConversation()
    const sent = conversation.sendMessage({ text: 'Hi' })
    const run = await runOf(engine, 0)
    run.text('Hel')
    await settle()
    conversation.setMessages([])
    run.text('lo')
    await sent
    expect(run.signal?.aborted).toBe(true)
    expect(conversation.getSnapshot()).toMatchObject({ status: 'ready', messages: [] })
  })

  it('survive JSON in every state', async () => {
    const paint = tool({ name: 'paint', description: 'x', inputSchema: { type: 'object' }, execute: () => ({ at: new Date(0), skip: undefined }) })
    const { engine, conversation } = startConversation({ tools: [paint] })
    const seen: (readonly UIMessage[])[] = []
    conversation.subscribe(() => seen.push(conversation.getSnapshot().messages))
    const sent = conversation.sendMessage({ text: 'Hi' })
    const run = await runOf(engine, 0)
    const events: GenerateEvent[] = [
      { type: 'reasoning-delta', text: 'Hm.' },
      { type: 'text-delta', text: 'Ok' },
      { type: 'tool-input-start', id: 'a', name: 'paint' },
      { type: 'tool-input-delta', id: 'a', delta: '{"a": 1' },
      { type: 'tool-input-delta', id: 'a', delta: '}' },
      callEvent('a', 'paint', { a: 1 }),
      { type: 'tool-input-start', id: 'b', name: 'paint' },
      { type: 'tool-error', id: 'b', name: 'paint', raw: '<tool_call>{', message: 'bad' },
      { type: 'tool-error', raw: '<tool_call>', message: 'bad' },
      { type: 'tool-error', name: 'nope', input: { x: 1 }, raw: '…', message: 'bad' },
    ]
    for (const event of events) {
      run.push(event)
      await settle()
    }
    run.finish()
    const second = await runOf(engine, 1)
    second.text('Done')
    second.finish()
    await sent
    expect(seen.length).toBeGreaterThan(events.length)
    for (const messages of seen) expect(JSON.parse(JSON.stringify(messages))).toEqual(messages)
    const restored = JSON.parse(JSON.stringify(conversation.getSnapshot().messages)) as UIMessage[]
    const { engine: other, conversation: next } = startConversation({}, { messages: restored })
    void next.sendMessage({ text: 'Go on' })
    void conversation.sendMessage({ text: 'Go on' })
    expect((await runOf(other, 0)).request.messages).toEqual((await runOf(engine, 2)).request.messages)
  })

  it('and parts that do not change keep their identity', async () => {
    const { engine, conversation } = startConversation({}, { messages: saved })
    void conversation.sendMessage({ text: 'Three' })
    const run = await runOf(engine, 0)
    run.push({ type: 'reasoning-delta', text: 'Hm.' })
    run.text('a')
    await settle()
    const before = conversation.getSnapshot()
    run.text('b')
    await settle()
    const after = conversation.getSnapshot()
    expect(after).not.toBe(before)
    expect(after.messages.slice(0, 3).every((message, index) => message === before.messages[index])).toBe(true)
    expect(after.messages[3]).not.toBe(before.messages[3])
    expect(after.messages[3]?.parts[0]).toBe(before.messages[3]?.parts[0])
    expect(textOf(before.messages[3])).toBe('a')
    expect(textOf(after.messages[3])).toBe('ab')
  })
})

describe('notifications', () => {
  it('come once a frame while tokens stream, and at once where the state changes', async () => {
    const frames: (() => void)[] = []
    const { engine, conversation } = startConversation({}, { scheduler: (publish) => frames.push(publish) })
    const seen: ConversationSnapshot[] = []
    conversation.subscribe(() => seen.push(conversation.getSnapshot()))
    const sent = conversation.sendMessage({ text: 'Hi' })
    const run = await runOf(engine, 0)
    run.text('0')
    await settle()
    expect(seen.map(({ status }) => status)).toEqual(['submitted', 'streaming'])
    for (let i = 1; i <= 50; i++) run.text(`,${i}`)
    await settle()
    expect(seen).toHaveLength(2)
    expect(frames).toHaveLength(1)
    frames[0]?.()
    expect(seen).toHaveLength(3)
    expect(textOf(seen[2]?.messages[1])).toMatch(/,50$/)
    run.text('.')
    await settle()
    expect(frames).toHaveLength(2)
    run.finish()
    await sent
    const last = seen.length
    frames[1]?.()
    expect(seen).toHaveLength(last)
    expect(seen.at(-1)?.status).toBe('ready')
  })

  it('end with unsubscribing', async () => {
    const { engine, conversation } = startConversation()
    const listener = vi.fn()
    conversation.subscribe(listener)()
    void conversation.sendMessage({ text: 'Hi' })
    await runOf(engine, 0)
    expect(listener).not.toHaveBeenCalled()
  })

  it('survive callbacks of the app that throw', async () => {
    const errors: unknown[] = []
    const collect = (error: unknown): void => void errors.push(error)
    process.on('uncaughtException', collect)
    const listeners = process.listeners('uncaughtException').filter((listener) => listener !== collect)
    for (const listener of listeners) process.off('uncaughtException', listener)
    try {
      const { engine, conversation } = startConversation({ onFinish: () => { throw new Error('from onFinish') } })
      const sent = conversation.sendMessage({ text: 'Hi' })
      const run = await runOf(engine, 0)
      run.text('ok')
      run.finish()
      await sent
      await settle()
      expect(conversation.getSnapshot().status).toBe('ready')
      expect(errors).toEqual([new Error('from onFinish')])
    } finally {
      process.off('uncaughtException', collect)
      for (const listener of listeners) process.on('uncaughtException', listener)
    }
  })
})
