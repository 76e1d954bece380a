import { describe, expect, it, vi } from 'vitest'
import { metrics, ScriptedEngine, type ScriptedRun } from '../../test/helpers/ScriptedEngine.js'
import { LLMError } from '../errors/index.js'
import type { GenerateEvent } from '../inference/types.js'
import { tool } from '../tools/tool.js'
import { Conversation, type ConversationInit } from './Conversation.js'
import type { ConversationOptions, ConversationSnapshot, UIMessage } from './types.js'

function start(options: ConversationOptions = {}, init: ConversationInit = {}) {
  const engine = new ScriptedEngine()
  const conversation = new Conversation(engine, () => options, { scheduler: queueMicrotask, ...init })
  return { engine, conversation, options }
}

async function runOf(engine: ScriptedEngine, index: number): Promise<ScriptedRun> {
  await vi.waitFor(() => expect(engine.runs.length).toBeGreaterThan(index), { interval: 1 })
  const run = engine.runs[index]
  if (run === undefined) throw new Error('no run')
  return run
}

/** Lets everything that is due happen. */
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 2))

const failure = new LLMError({ code: 'worker-crashed', message: 'The worker is gone.' })
const call = (id: string, name = 'slow', input: unknown = {}): GenerateEvent => ({ type: 'tool-call', id, name, input })

function textOf(message: UIMessage | undefined): string {
  return (message?.parts ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('|')
}

describe('a turn', () => {
  it('goes from ready over submitted and streaming back to ready', async () => {
    const { engine, conversation } = start()
    const seen: string[] = []
    conversation.subscribe(() => seen.push(conversation.getSnapshot().status))
    const sent = conversation.sendMessage({ text: 'Hi' })
    expect(conversation.getSnapshot()).toMatchObject({ status: 'submitted', messages: [{ role: 'user' }] })
    const run = await runOf(engine, 0)
    run.push({ type: 'start', promptTokens: 3, reusedTokens: 0 })
    await settle()
    expect(conversation.getSnapshot().status).toBe('submitted')
    run.text('Hel')
    await settle()
    expect(conversation.getSnapshot()).toMatchObject({
      status: 'streaming',
      messages: [{ role: 'user' }, { role: 'assistant', parts: [{ type: 'text', text: 'Hel', state: 'streaming' }] }],
    })
    run.text('lo')
    run.finish()
    await sent
    expect(conversation.getSnapshot()).toMatchObject({
      status: 'ready',
      error: undefined,
      messages: [{}, { parts: [{ type: 'text', text: 'Hello', state: 'done' }], metadata: { metrics } }],
    })
    expect([...new Set(seen)]).toEqual(['submitted', 'streaming', 'ready'])
  })

  it('sends the user message once, behind the history and the system prompt', async () => {
    const { engine, conversation } = start({ system: 'Be brief.' })
    for (const [index, text] of ['One', 'Two'].entries()) {
      const sent = conversation.sendMessage({ text })
      const run = await runOf(engine, index)
      run.text(`Answer ${index}`)
      run.finish()
      await sent
    }
    expect(engine.runs[1]?.request.messages).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'One' },
      { role: 'assistant', content: 'Answer 0' },
      { role: 'user', content: 'Two' },
    ])
  })

  it('passes sampling on, and nothing that could not cross to a worker', async () => {
    const options = { temperature: 0.5, seed: 7, stop: ['\n'], maxTokens: 9, onFinish: () => {}, other: () => {} }
    const { engine, conversation } = start(options)
    void conversation.sendMessage({ text: 'Hi' })
    const { request } = await runOf(engine, 0)
    expect(request).toMatchObject({ temperature: 0.5, seed: 7, stop: ['\n'], maxTokens: 9 })
    expect(() => structuredClone(request)).not.toThrow()
  })

  it('calls onFinish with the whole message', async () => {
    const onFinish = vi.fn()
    const { engine, conversation } = start({ onFinish })
    const sent = conversation.sendMessage({ text: 'Hi' })
    const run = await runOf(engine, 0)
    run.text('Hello')
    run.finish()
    await sent
    expect(onFinish).toHaveBeenCalledExactlyOnceWith(conversation.getSnapshot().messages[1])
  })

  it('says that the token limit ended it', async () => {
    const { engine, conversation } = start()
    const sent = conversation.sendMessage({ text: 'Hi' })
    const run = await runOf(engine, 0)
    run.text('Hel')
    run.push({ type: 'finish', reason: 'length', metrics, tokenIds: [] })
    await sent
    expect(conversation.getSnapshot()).toMatchObject({ status: 'ready', messages: [{}, { metadata: { interrupted: 'length' } }] })
  })

  it('keeps an empty answer as an empty message', async () => {
    const { engine, conversation } = start()
    const sent = conversation.sendMessage({ text: 'Hi' })
    ;(await runOf(engine, 0)).finish()
    await sent
    expect(conversation.getSnapshot()).toMatchObject({ status: 'ready', messages: [{}, { role: 'assistant', parts: [] }] })
  })
})

describe('sendMessage', () => {
  it.each(['', '  \n'])('refuses blank text %j', async (text) => {
    const { engine, conversation } = start()
    await expect(conversation.sendMessage({ text })).rejects.toMatchObject({ code: 'invalid-request', subject: 'text' })
    expect(conversation.getSnapshot()).toMatchObject({ status: 'ready', messages: [] })
    expect(engine.runs).toHaveLength(0)
  })

  it('refuses a second message while a turn is under way, which goes on', async () => {
    const { engine, conversation } = start()
    const sent = conversation.sendMessage({ text: 'One' })
    await expect(conversation.sendMessage({ text: 'Two' })).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(conversation.regenerate()).rejects.toMatchObject({ code: 'invalid-request' })
    const run = await runOf(engine, 0)
    await expect(conversation.sendMessage({ text: 'Three' })).rejects.toThrow(/stop\(\)/)
    run.text('ok')
    run.finish()
    await sent
    expect(conversation.getSnapshot().messages).toHaveLength(2)
    expect(engine.runs).toHaveLength(1)
  })

  it('works unbound', async () => {
    const { engine, conversation } = start()
    const { sendMessage, stop, getSnapshot } = conversation
    void sendMessage({ text: 'Hi' })
    await runOf(engine, 0)
    stop()
    expect(getSnapshot().status).toBe('ready')
  })
})

describe('errors', () => {
  it('keep the messages, and the next message works', async () => {
    const onError = vi.fn()
    const { engine, conversation } = start({ onError })
    const sent = conversation.sendMessage({ text: 'One' })
    const run = await runOf(engine, 0)
    run.text('Hal')
    await settle()
    run.fail(failure)
    await sent
    const { messages } = conversation.getSnapshot()
    expect(conversation.getSnapshot()).toMatchObject({ status: 'error', error: failure })
    expect(messages[1]).toMatchObject({ parts: [{ text: 'Hal', state: 'done' }], metadata: { interrupted: 'error' } })
    expect(onError).toHaveBeenCalledExactlyOnceWith(failure)

    const again = conversation.sendMessage({ text: 'Two' })
    expect(conversation.getSnapshot()).toMatchObject({ status: 'submitted', error: undefined })
    const second = await runOf(engine, 1)
    expect(second.request.messages.map(({ content }) => content)).toEqual(['One', 'Hal', 'Two'])
    second.text('ok')
    second.finish()
    await again
    expect(conversation.getSnapshot()).toMatchObject({ status: 'ready', error: undefined })
  })

  it('before the first token leave only the user message', async () => {
    const { engine, conversation } = start()
    const sent = conversation.sendMessage({ text: 'One' })
    ;(await runOf(engine, 0)).fail(failure)
    await sent
    expect(conversation.getSnapshot()).toMatchObject({ status: 'error', messages: [{ role: 'user' }] })
  })

  it('that are thrown by generate itself are the same', async () => {
    const { engine, conversation } = start()
    engine.dispose()
    await conversation.sendMessage({ text: 'One' })
    expect(conversation.getSnapshot().error).toMatchObject({ code: 'disposed' })
  })

  it('of any other kind become an LLMError', async () => {
    const cause = new Error('odd')
    const conversation = new Conversation({ generate: () => { throw cause } }, () => ({}))
    await conversation.sendMessage({ text: 'One' })
    expect(conversation.getSnapshot().error).toMatchObject({ code: 'session-failed', cause })
  })

  it('go with clearError', async () => {
    const { engine, conversation } = start()
    const sent = conversation.sendMessage({ text: 'One' })
    conversation.clearError()
    expect(conversation.getSnapshot().status).toBe('submitted')
    ;(await runOf(engine, 0)).fail(failure)
    await sent
    conversation.clearError()
    expect(conversation.getSnapshot()).toMatchObject({ status: 'ready', error: undefined, messages: [{}] })
  })

  it.each([0, 1.5, Number.NaN])('tell of maxSteps that is %s before anything is generated', async (maxSteps) => {
    const { engine, conversation } = start({ maxSteps })
    await conversation.sendMessage({ text: 'One' })
    expect(conversation.getSnapshot().error).toMatchObject({ code: 'invalid-config', subject: 'maxSteps' })
    expect(engine.runs).toHaveLength(0)
  })
})

describe('stop', () => {
  it('reaches generation, keeps the text and is no error', async () => {
    const onError = vi.fn()
    const onFinish = vi.fn()
    const { engine, conversation } = start({ onError, onFinish })
    const sent = conversation.sendMessage({ text: 'Hi' })
    const run = await runOf(engine, 0)
    run.text('Hel')
    await settle()
    conversation.stop()
    expect(run.signal?.aborted).toBe(true)
    expect(conversation.getSnapshot()).toMatchObject({
      status: 'ready',
      error: undefined,
      messages: [{}, { parts: [{ type: 'text', text: 'Hel', state: 'done' }], metadata: { interrupted: 'stopped' } }],
    })
    const stopped = conversation.getSnapshot()
    run.text('lo')
    await sent
    await settle()
    expect(conversation.getSnapshot()).toBe(stopped)
    expect(onError).not.toHaveBeenCalled()
    expect(onFinish).toHaveBeenCalledOnce()
  })

  it('before the first token leaves the user message, which is joined to the next', async () => {
    const onFinish = vi.fn()
    const { engine, conversation } = start({ onFinish })
    const sent = conversation.sendMessage({ text: 'One' })
    await runOf(engine, 0)
    conversation.stop()
    await sent
    expect(conversation.getSnapshot()).toMatchObject({ status: 'ready', messages: [{ role: 'user' }] })
    expect(onFinish).not.toHaveBeenCalled()
    void conversation.sendMessage({ text: 'Two' })
    expect((await runOf(engine, 1)).request.messages).toEqual([{ role: 'user', content: 'One\n\nTwo' }])
  })

  it('at once after sendMessage generates nothing', async () => {
    const { engine, conversation } = start()
    const sent = conversation.sendMessage({ text: 'One' })
    conversation.stop()
    await sent
    await settle()
    expect(engine.runs).toHaveLength(0)
    expect(conversation.getSnapshot().status).toBe('ready')
  })

  it('during a call that is being written turns it into an error part', async () => {
    const { engine, conversation } = start()
    const sent = conversation.sendMessage({ text: 'Hi' })
    const run = await runOf(engine, 0)
    run.push({ type: 'tool-input-start', id: 'a', name: 'paint' }, { type: 'tool-input-delta', id: 'a', delta: '{"color": "re' })
    await settle()
    expect(conversation.getSnapshot().messages[1]?.parts).toEqual([
      { type: 'tool-paint', toolName: 'paint', toolCallId: 'a', state: 'input-streaming', input: { color: 're' }, rawInput: '{"color": "re' },
    ])
    conversation.stop()
    await sent
    expect(conversation.getSnapshot().messages[1]?.parts).toEqual([
      { type: 'tool-paint', toolName: 'paint', toolCallId: 'a', state: 'output-error', input: null, errorText: 'stopped' },
    ])
  })

  it('during a handler aborts its signal and drops its result', async () => {
    let signal: AbortSignal | undefined
    let finish: ((value: string) => void) | undefined
    const slow = tool({
      name: 'slow',
      description: 'x',
      inputSchema: { type: 'object' },
      execute: (_input, context) => {
        signal = context.signal
        return new Promise<string>((resolve) => (finish = resolve))
      },
    })
    const onError = vi.fn()
    const { engine, conversation } = start({ tools: [slow], onError })
    const sent = conversation.sendMessage({ text: 'Hi' })
    const run = await runOf(engine, 0)
    run.push(call('a'))
    run.finish('tool-calls')
    await vi.waitFor(() => expect(signal).toBeDefined())
    conversation.stop()
    expect(signal?.aborted).toBe(true)
    await sent
    finish?.('late')
    await settle()
    expect(conversation.getSnapshot()).toMatchObject({
      status: 'ready',
      messages: [{}, { parts: [{ state: 'output-error', errorText: 'stopped', input: {} }] }],
    })
    expect(engine.runs).toHaveLength(1)
    expect(onError).not.toHaveBeenCalled()

    void conversation.sendMessage({ text: 'And now?' })
    expect((await runOf(engine, 1)).request.messages.slice(1)).toEqual([
      { role: 'assistant', content: '', toolCalls: [{ id: 'a', name: 'slow', input: {} }] },
      { role: 'tool', toolCallId: 'a', name: 'slow', content: '{"error":"stopped"}' },
      { role: 'user', content: 'And now?' },
    ])
  })

  it('does not wait for an engine that ignores it', async () => {
    let calls = 0
    const never: AsyncIterable<GenerateEvent> = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) }
    const conversation = new Conversation({ generate: () => (calls++, never) }, () => ({}))
    void conversation.sendMessage({ text: 'One' })
    await vi.waitFor(() => expect(calls).toBe(1))
    conversation.stop()
    void conversation.sendMessage({ text: 'Two' })
    await vi.waitFor(() => expect(calls).toBe(2))
    expect(conversation.getSnapshot().status).toBe('submitted')
  })

  it('with an engine that rejects on abort is still no error', async () => {
    const { engine, conversation } = start()
    const sent = conversation.sendMessage({ text: 'Hi' })
    const run = await runOf(engine, 0)
    conversation.stop()
    run.fail(new LLMError({ code: 'load-aborted', message: 'aborted' }))
    await sent
    expect(conversation.getSnapshot()).toMatchObject({ status: 'ready', error: undefined })
  })

  it('lets the next turn begin while the old one winds down', async () => {
    const { engine, conversation } = start()
    const first = conversation.sendMessage({ text: 'One' })
    const old = await runOf(engine, 0)
    old.text('old')
    await settle()
    conversation.stop()
    const second = conversation.sendMessage({ text: 'Two' })
    old.text('late')
    const run = await runOf(engine, 1)
    run.text('new')
    run.finish()
    await Promise.all([first, second])
    expect(conversation.getSnapshot().messages.map(textOf)).toEqual(['One', 'old', 'Two', 'new'])
  })

  it('may be called from a handler that is aborted, and when nothing runs', async () => {
    const { engine, conversation, options } = start()
    conversation.stop()
    expect(conversation.getSnapshot().status).toBe('ready')
    const reenter = vi.fn(() => {
      conversation.stop()
      void conversation.sendMessage({ text: 'Two' })
    })
    options.tools = [
      tool({
        name: 'slow',
        description: 'x',
        inputSchema: { type: 'object' },
        execute: (_input, { signal }) => new Promise<null>(() => signal.addEventListener('abort', reenter)),
      }),
    ]
    const sent = conversation.sendMessage({ text: 'One' })
    const run = await runOf(engine, 0)
    run.push(call('a'))
    run.finish('tool-calls')
    await settle()
    conversation.stop()
    await sent
    expect(reenter).toHaveBeenCalledOnce()
    expect(conversation.getSnapshot()).toMatchObject({ status: 'submitted' })
    expect(conversation.getSnapshot().messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user'])
  })
})

describe('regenerate', () => {
  it('answers the last user message again in place of the old answer', async () => {
    const { engine, conversation } = start()
    const sent = conversation.sendMessage({ text: 'One' })
    const run = await runOf(engine, 0)
    run.text('old')
    run.finish()
    await sent
    const user = conversation.getSnapshot().messages[0]
    const again = conversation.regenerate()
    expect(conversation.getSnapshot()).toMatchObject({ status: 'submitted', messages: [{ role: 'user' }] })
    const second = await runOf(engine, 1)
    expect(second.request.messages).toEqual([{ role: 'user', content: 'One' }])
    second.text('new')
    second.finish()
    await again
    expect(conversation.getSnapshot().messages.map(textOf)).toEqual(['One', 'new'])
    expect(conversation.getSnapshot().messages[0]).toBe(user)
  })

  it('works after an error', async () => {
    const { engine, conversation } = start()
    const sent = conversation.sendMessage({ text: 'One' })
    ;(await runOf(engine, 0)).fail(failure)
    await sent
    const again = conversation.regenerate()
    const run = await runOf(engine, 1)
    run.text('ok')
    run.finish()
    await again
    expect(conversation.getSnapshot()).toMatchObject({ status: 'ready', error: undefined, messages: [{}, {}] })
  })

  it('needs a user message', async () => {
    await expect(start().conversation.regenerate()).rejects.toMatchObject({ code: 'invalid-request', subject: 'messages' })
  })
})

describe('messages', () => {
  const saved: UIMessage[] = [
    { id: '1', role: 'user', parts: [{ type: 'text', text: 'One', state: 'done' }] },
    { id: '2', role: 'assistant', parts: [{ type: 'text', text: 'Two', state: 'done' }] },
  ]

  it('can be given at the start', async () => {
    const { engine, conversation } = start({}, { messages: saved, id: 'chat' })
    expect(conversation.id).toBe('chat')
    void conversation.sendMessage({ text: 'Three' })
    expect((await runOf(engine, 0)).request.messages.map(({ content }) => content)).toEqual(['One', 'Two', 'Three'])
  })

  it('can be set, as a list or by a function', () => {
    const { conversation } = start()
    conversation.setMessages(saved)
    expect(conversation.getSnapshot().messages).toEqual(saved)
    conversation.setMessages((messages) => messages.slice(0, 1))
    expect(conversation.getSnapshot().messages).toEqual(saved.slice(0, 1))
  })

  it('that are set during a turn stop it', async () => {
    const { engine, conversation } = start()
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
    const { engine, conversation } = start({ tools: [paint] })
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
      call('a', 'paint', { a: 1 }),
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
    const { engine: other, conversation: next } = start({}, { messages: restored })
    void next.sendMessage({ text: 'Go on' })
    void conversation.sendMessage({ text: 'Go on' })
    expect((await runOf(other, 0)).request.messages).toEqual((await runOf(engine, 2)).request.messages)
  })

  it('and parts that do not change keep their identity', async () => {
    const { engine, conversation } = start({}, { messages: saved })
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
    expect(textOf(before.messages[3])).toBe('|a')
    expect(textOf(after.messages[3])).toBe('|ab')
  })
})

describe('notifications', () => {
  it('come once a frame while tokens stream, and at once where the state changes', async () => {
    const frames: (() => void)[] = []
    const { engine, conversation } = start({}, { scheduler: (publish) => frames.push(publish) })
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
    const { engine, conversation } = start()
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
      const { engine, conversation } = start({ onFinish: () => { throw new Error('from onFinish') } })
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

describe('dispose', () => {
  it('in the middle of a stream aborts, and nothing is published or called any more', async () => {
    const onFinish = vi.fn()
    const onError = vi.fn()
    const { engine, conversation } = start({ onFinish, onError })
    const sent = conversation.sendMessage({ text: 'Hi' })
    const run = await runOf(engine, 0)
    run.text('Hel')
    await settle()
    const listener = vi.fn()
    conversation.subscribe(listener)
    conversation.dispose()
    run.text('lo')
    await sent
    await settle()
    expect(run.signal?.aborted).toBe(true)
    expect(listener).not.toHaveBeenCalled()
    expect(onFinish).not.toHaveBeenCalled()
    expect(onError).not.toHaveBeenCalled()
    await expect(conversation.sendMessage({ text: 'Hi' })).rejects.toMatchObject({ code: 'disposed' })
    await expect(conversation.regenerate()).rejects.toMatchObject({ code: 'disposed' })
  })
})
