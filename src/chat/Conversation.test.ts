import { describe, expect, it, vi } from 'vitest'
import { runOf, settle, startConversation, textOf } from '../../test/helpers/conversation.js'
import { metrics } from '../../test/helpers/ScriptedEngine.js'
import { LLMError } from '../errors/index.js'
import { Conversation } from './Conversation.js'

const failure = new LLMError({ code: 'worker-crashed', message: 'The worker is gone.' })

describe('a turn', () => {
  it('goes from ready over submitted and streaming back to ready', async () => {
    const { engine, conversation } = startConversation()
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
    const { engine, conversation } = startConversation({ system: 'Be brief.' })
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
    const { engine, conversation } = startConversation(options)
    void conversation.sendMessage({ text: 'Hi' })
    const { request } = await runOf(engine, 0)
    expect(request).toMatchObject({ temperature: 0.5, seed: 7, stop: ['\n'], maxTokens: 9 })
    expect(() => structuredClone(request)).not.toThrow()
  })

  it('calls onFinish with the whole message', async () => {
    const onFinish = vi.fn()
    const { engine, conversation } = startConversation({ onFinish })
    const sent = conversation.sendMessage({ text: 'Hi' })
    const run = await runOf(engine, 0)
    run.text('Hello')
    run.finish()
    await sent
    expect(onFinish).toHaveBeenCalledExactlyOnceWith(conversation.getSnapshot().messages[1])
  })

  it('says that the token limit ended it', async () => {
    const { engine, conversation } = startConversation()
    const sent = conversation.sendMessage({ text: 'Hi' })
    const run = await runOf(engine, 0)
    run.text('Hel')
    run.push({ type: 'finish', reason: 'length', metrics, tokenIds: [] })
    await sent
    expect(conversation.getSnapshot()).toMatchObject({ status: 'ready', messages: [{}, { metadata: { interrupted: 'length' } }] })
  })

  it('keeps an empty answer as an empty message', async () => {
    const { engine, conversation } = startConversation()
    const sent = conversation.sendMessage({ text: 'Hi' })
    ;(await runOf(engine, 0)).finish()
    await sent
    expect(conversation.getSnapshot()).toMatchObject({ status: 'ready', messages: [{}, { role: 'assistant', parts: [] }] })
  })
})

describe('sendMessage', () => {
  it.each(['', '  \n'])('refuses blank text %j', async (text) => {
    const { engine, conversation } = startConversation()
    await expect(conversation.sendMessage({ text })).rejects.toMatchObject({ code: 'invalid-request', subject: 'text' })
    expect(conversation.getSnapshot()).toMatchObject({ status: 'ready', messages: [] })
    expect(engine.runs).toHaveLength(0)
  })

  it('refuses a second message while a turn is under way, which goes on', async () => {
    const { engine, conversation } = startConversation()
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
    const { engine, conversation } = startConversation()
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
    const { engine, conversation } = startConversation({ onError })
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
    const { engine, conversation } = startConversation()
    const sent = conversation.sendMessage({ text: 'One' })
    ;(await runOf(engine, 0)).fail(failure)
    await sent
    expect(conversation.getSnapshot()).toMatchObject({ status: 'error', messages: [{ role: 'user' }] })
  })

  it('that are thrown by generate itself are the same', async () => {
    const { engine, conversation } = startConversation()
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
    const { engine, conversation } = startConversation()
    const sent = conversation.sendMessage({ text: 'One' })
    conversation.clearError()
    expect(conversation.getSnapshot().status).toBe('submitted')
    ;(await runOf(engine, 0)).fail(failure)
    await sent
    conversation.clearError()
    expect(conversation.getSnapshot()).toMatchObject({ status: 'ready', error: undefined, messages: [{}] })
  })

  it.each([0, 1.5, Number.NaN])('tell of maxSteps that is %s before anything is generated', async (maxSteps) => {
    const { engine, conversation } = startConversation({ maxSteps })
    await conversation.sendMessage({ text: 'One' })
    expect(conversation.getSnapshot().error).toMatchObject({ code: 'invalid-config', subject: 'maxSteps' })
    expect(engine.runs).toHaveLength(0)
  })
})

describe('regenerate', () => {
  it('answers the last user message again in place of the old answer', async () => {
    const { engine, conversation } = startConversation()
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
    const { engine, conversation } = startConversation()
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
    await expect(startConversation().conversation.regenerate()).rejects.toMatchObject({ code: 'invalid-request', subject: 'messages' })
  })
})
