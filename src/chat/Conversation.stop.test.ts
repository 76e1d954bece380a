import { describe, expect, it, vi } from 'vitest'
import { callEvent, runOf, settle, startConversation, textOf } from '../../test/helpers/conversation.js'
import { LLMError } from '../errors/index.js'
import type { GenerateEvent } from '../inference/types.js'
import { tool } from '../tools/tool.js'
import { Conversation } from './Conversation.js'

describe('stop', () => {
  it('reaches generation, keeps the text and is no error', async () => {
    const onError = vi.fn()
    const onFinish = vi.fn()
    const { engine, conversation } = startConversation({ onError, onFinish })
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
    const { engine, conversation } = startConversation({ onFinish })
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
    const { engine, conversation } = startConversation()
    const sent = conversation.sendMessage({ text: 'One' })
    conversation.stop()
    await sent
    await settle()
    expect(engine.runs).toHaveLength(0)
    expect(conversation.getSnapshot().status).toBe('ready')
  })

  it('during a call that is being written turns it into an error part', async () => {
    const { engine, conversation } = startConversation()
    const sent = conversation.sendMessage({ text: 'Hi' })
    const run = await runOf(engine, 0)
    run.push({ type: 'tool-input-start', id: 'a', name: 'paint' }, { type: 'tool-input-delta', id: 'a', delta: '{"color": "re' })
    await settle()
    expect(conversation.getSnapshot().messages[1]?.parts).toEqual([
      { type: 'tool-paint', toolName: 'paint', toolCallId: 'a', state: 'input-streaming', input: null, partialInput: { color: 're' }, rawInput: '{"color": "re' },
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
    const { engine, conversation } = startConversation({ tools: [slow], onError })
    const sent = conversation.sendMessage({ text: 'Hi' })
    const run = await runOf(engine, 0)
    run.push(callEvent('a'))
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

  it('takes nothing more from an engine that goes on all the same', async () => {
    let sent = 0
    let ended = false
    async function* chatter(): AsyncGenerator<GenerateEvent, void, undefined> {
      try {
        for (;;) {
          await settle()
          sent++
          yield { type: 'text-delta', text: 'bla ' }
        }
      } finally {
        ended = true
      }
    }
    const conversation = new Conversation({ generate: chatter }, () => ({}))
    const turn = conversation.sendMessage({ text: 'Hi' })
    await vi.waitFor(() => expect(sent).toBeGreaterThan(1))
    conversation.stop()
    const { messages } = conversation.getSnapshot()
    await turn
    expect(ended).toBe(true)
    expect(conversation.getSnapshot().messages).toBe(messages)
  })

  it('with an engine that rejects on abort is still no error', async () => {
    const { engine, conversation } = startConversation()
    const sent = conversation.sendMessage({ text: 'Hi' })
    const run = await runOf(engine, 0)
    conversation.stop()
    run.fail(new LLMError({ code: 'load-aborted', message: 'aborted' }))
    await sent
    expect(conversation.getSnapshot()).toMatchObject({ status: 'ready', error: undefined })
  })

  it('lets the next turn begin while the old one winds down', async () => {
    const { engine, conversation } = startConversation()
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
    const { engine, conversation, options } = startConversation()
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
    run.push(callEvent('a'))
    run.finish('tool-calls')
    await settle()
    conversation.stop()
    await sent
    expect(reenter).toHaveBeenCalledOnce()
    expect(conversation.getSnapshot()).toMatchObject({ status: 'submitted' })
    expect(conversation.getSnapshot().messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user'])
  })
})

describe('dispose', () => {
  it('in the middle of a stream aborts, and nothing is published or called any more', async () => {
    const onFinish = vi.fn()
    const onError = vi.fn()
    const { engine, conversation } = startConversation({ onFinish, onError })
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
