import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { callEvent, runOf, settle, startConversation } from '../../test/helpers/conversation.js'
import { tool } from '../tools/tool.js'
import type { ToolSchema } from '../tools/types.js'
import { isToolPart } from './isToolPart.js'
import { toErrorContent, toResultContent } from './toResultContent.js'
import type { ConversationOptions, ToolPart } from './types.js'

const anything = { type: 'object' } as const

async function calling(options: ConversationOptions, name = 'ask') {
  const started = startConversation(options)
  const { engine, conversation } = started
  const sent = conversation.sendMessage({ text: 'Go' })
  const run = await runOf(engine, 0)
  run.push(callEvent('a', name))
  run.finish('tool-calls')
  await settle()
  const tools = (): ToolPart[] => (conversation.getSnapshot().messages[1]?.parts ?? []).filter(isToolPart)
  return { ...started, sent, tools }
}

describe('a tool without execute', () => {
  const ask = tool({ name: 'ask', description: 'Ask', inputSchema: anything })

  it('waits for the app, which gives a result', async () => {
    const { conversation, engine, tools } = await calling({ tools: [ask] })
    expect(tools()).toMatchObject([{ state: 'input-available', awaitsResult: true }])
    expect(conversation.getSnapshot().status).toBe('streaming')
    conversation.addToolResult({ toolCallId: 'a', output: { size: 'L' } })
    const { request } = await runOf(engine, 1)
    expect(tools()).toEqual([
      { type: 'tool-ask', toolName: 'ask', toolCallId: 'a', state: 'output-available', input: {}, output: { size: 'L' } },
    ])
    expect(request.messages.at(-1)).toMatchObject({ role: 'tool', content: '{"size":"L"}' })
    expect(() => conversation.addToolResult({ toolCallId: 'a', output: 1 })).toThrow('no call "a" waits')
  })

  it('or an error, which is for the model alone', async () => {
    const onError = vi.fn()
    const { conversation, engine, tools } = await calling({ tools: [ask], onError })
    conversation.addToolResult({ toolCallId: 'a', errorText: 'The shop is closed' })
    await runOf(engine, 1)
    expect(tools()).toMatchObject([{ state: 'output-error', errorText: 'The shop is closed' }])
    expect(onError).not.toHaveBeenCalled()
  })

  it('may be answered from the very change that shows it', async () => {
    const { engine, conversation } = startConversation({ tools: [ask] })
    conversation.subscribe(() => {
      const waiting = conversation.getSnapshot().messages[1]?.parts.find((part) => 'awaitsResult' in part)
      if (waiting && 'toolCallId' in waiting) conversation.addToolResult({ toolCallId: waiting.toolCallId, output: 1 })
    })
    void conversation.sendMessage({ text: 'Go' })
    const run = await runOf(engine, 0)
    run.push(callEvent('a', 'ask'))
    run.finish('tool-calls')
    expect((await runOf(engine, 1)).request.messages.at(-1)).toMatchObject({ content: '1' })
  })

  it('is asked for only when it was allowed', async () => {
    const { conversation, tools } = await calling({ tools: [{ ...ask, needsApproval: true }] })
    expect(() => conversation.addToolResult({ toolCallId: 'a', output: 1 })).toThrow('no call "a" waits')
    conversation.addToolApproval({ toolCallId: 'a', approved: true })
    await settle()
    expect(tools()).toMatchObject([{ state: 'approval-responded', awaitsResult: true }])
    conversation.addToolResult({ toolCallId: 'a', output: 1 })
    await settle()
    expect(tools()).toMatchObject([{ state: 'output-available', output: 1 }])
  })

  it('is ended by stop', async () => {
    const { conversation, tools, sent } = await calling({ tools: [ask] })
    conversation.stop()
    await sent
    expect(tools()).toEqual([
      { type: 'tool-ask', toolName: 'ask', toolCallId: 'a', state: 'output-error', input: {}, errorText: 'stopped' },
    ])
    expect(() => conversation.addToolResult({ toolCallId: 'a', output: 1 })).toThrow('no call "a" waits')
  })
})

describe('timeout', () => {
  it('ends a handler that never returns: the model and the app are told, and the turn goes on', async () => {
    let signal: AbortSignal | undefined
    const onError = vi.fn()
    const ask = tool({
      name: 'ask',
      description: 'x',
      inputSchema: anything,
      timeout: 20,
      execute: (_input, context) => new Promise<never>(() => (signal = context.signal)),
    })
    const { conversation, engine, tools, sent } = await calling({ tools: [ask], onError })
    const run = await runOf(engine, 1)
    expect(signal?.aborted).toBe(true)
    expect(signal?.reason).toMatchObject({ code: 'tool-timeout' })
    const errorText = 'The tool "ask" gave no result within 20 ms.'
    expect(tools()).toMatchObject([{ state: 'output-error', errorCode: 'tool-timeout', errorText }])
    expect(run.request.messages.at(-1)).toMatchObject({ role: 'tool', content: JSON.stringify({ error: errorText }) })
    expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'tool-timeout', subject: 'ask' }))
    run.finish()
    await sent
    expect(conversation.getSnapshot()).toMatchObject({ status: 'ready', error: undefined })
  })

  it('ends the wait for an app that gives no result', async () => {
    const onError = vi.fn()
    const ask = tool({ name: 'ask', description: 'x', inputSchema: anything, timeout: 20 })
    const { conversation, engine } = await calling({ tools: [ask], onError })
    await runOf(engine, 1)
    expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'tool-timeout' }))
    expect(() => conversation.addToolResult({ toolCallId: 'a', output: 1 })).toThrow('no call "a" waits')
  })

  it('does not run while the user decides', async () => {
    const execute = vi.fn(() => 1)
    const ask = tool({ name: 'ask', description: 'x', inputSchema: anything, timeout: 20, needsApproval: true, execute })
    const { conversation, tools } = await calling({ tools: [ask] })
    await new Promise((resolve) => setTimeout(resolve, 40))
    conversation.addToolApproval({ toolCallId: 'a', approved: true })
    await settle()
    expect(tools()).toMatchObject([{ state: 'output-available' }])
  })

  it('leaves no timer and no listener behind', async () => {
    vi.useFakeTimers()
    try {
      const { withDeadline } = await import('./withDeadline.js')
      const outer = new AbortController()
      const remove = vi.spyOn(outer.signal, 'removeEventListener')
      const deadline = { milliseconds: 1000, createError: () => new Error('late') }
      let own: AbortSignal | undefined
      await expect(withDeadline((signal) => ((own = signal), 1), outer.signal, deadline)).resolves.toBe(1)
      await vi.runAllTimersAsync()
      expect(vi.getTimerCount()).toBe(0)
      expect(remove).toHaveBeenCalledOnce()
      outer.abort()
      expect(own?.aborted).toBe(false)
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('outputSchema', () => {
  const outputSchema = z.object({ at: z.date().transform((date) => date.toISOString()) })
  const at = new Date(0)

  it.each<[string, ToolSchema, unknown, unknown]>([
    ['a Standard Schema, which may transform', outputSchema, { at }, { at: '1970-01-01T00:00:00.000Z' }],
    ['plain JSON Schema', { type: 'object', required: ['at'] }, { at: 1 }, { at: 1 }],
    ['plain JSON Schema, of what JSON makes of the result', { type: 'null' }, undefined, null],
  ])('lets pass what fits %s', async (_case, outputSchema, given, output) => {
    const ask = { ...tool({ name: 'ask', description: 'x', inputSchema: anything, execute: () => given }), outputSchema }
    const { tools } = await calling({ tools: [ask] })
    await vi.waitFor(() => expect(tools()).toMatchObject([{ state: 'output-available', output }]))
  })

  it.each<[string, ToolSchema]>([
    ['a Standard Schema', outputSchema],
    ['plain JSON Schema', { type: 'object', required: ['at'] }],
  ])('refuses what does not fit %s, from handlers and from apps', async (_case, outputSchema) => {
    const onError = vi.fn()
    const noHandler = { ...tool({ name: 'ask', description: 'x', inputSchema: anything }), outputSchema }
    const handled = { ...noHandler, execute: () => ({ when: 1 }) }
    const refused = [{ state: 'output-error', errorCode: 'invalid-tool-output', errorText: expect.stringContaining('at') as string }]
    const first = await calling({ tools: [handled], onError })
    await vi.waitFor(() => expect(first.tools()).toMatchObject(refused))
    const second = await calling({ tools: [noHandler], onError })
    second.conversation.addToolResult({ toolCallId: 'a', output: { when: 1 } })
    await vi.waitFor(() => expect(second.tools()).toMatchObject(refused))
    expect(onError.mock.calls).toMatchObject([[{ code: 'invalid-tool-output' }], [{ code: 'invalid-tool-output' }]])
  })
})

describe('a result that is too long', () => {
  it('is cut for the model, with a marker, and whole for the app', async () => {
    const text = '"quoted" '.repeat(100)
    const ask = tool({ name: 'ask', description: 'x', inputSchema: anything, execute: () => ({ text }) })
    const { engine, tools } = await calling({ tools: [ask], maxToolResultChars: 100 })
    const { request } = await runOf(engine, 1)
    expect(tools()).toMatchObject([{ output: { text } }])
    const content = request.messages.at(-1)?.content ?? ''
    expect(content.length).toBeLessThan(200)
    expect(JSON.parse(content)).toMatch(/^\{"text":"\\"quoted.* …\[cut: the first \d+ of 1111 characters\]$/)
  })

  it('is 4000 characters by default', async () => {
    const { toPrompt } = await import('./toPrompt.js')
    const contentOf = (output: string): string | undefined =>
      toPrompt([
        { id: 'm', role: 'assistant', parts: [{ type: 'tool-a', toolName: 'a', toolCallId: 'a', state: 'output-available', input: {}, output }] },
      ])[1]?.content
    expect(contentOf('x'.repeat(3998))).toBe(JSON.stringify('x'.repeat(3998)))
    expect(contentOf('x'.repeat(3999))).toBe(JSON.stringify(`${'x'.repeat(3998)} …[cut: the first 3998 of 3999 characters]`))
  })
})

describe('toResultContent', () => {
  it.each([1, 2, 3, 7, 50])('is JSON within the limit of %d and the marker, whatever the characters', (limit) => {
    for (const text of ['\u0000'.repeat(60), '😀'.repeat(60), '"'.repeat(60), 'x'.repeat(60)]) {
      for (const content of [toResultContent(text, limit), toResultContent([text], limit), toErrorContent(text, limit)]) {
        const parsed = JSON.parse(content) as string | { error: string }
        const [kept = '', marker] = (typeof parsed === 'string' ? parsed : parsed.error).split(' …[')
        expect(marker).toMatch(new RegExp(`^cut: the first ${kept.length} of \\d+ characters\\]$`))
        expect(kept === '' || JSON.stringify(kept).length <= limit).toBe(true)
        expect(kept).not.toMatch(/[\uD800-\uDBFF]$/)
      }
    }
  })
})

describe('toolUse', () => {
  it.each<[string, ConversationOptions, 'called' | 'not-called' | 'not-offered']>([
    ['no tools', {}, 'not-offered'],
    ['toolChoice none', { toolChoice: 'none' }, 'not-offered'],
    ['tools that were not needed', {}, 'not-called'],
  ])('with %s', async (name, options, toolUse) => {
    const ask = tool({ name: 'ask', description: 'x', inputSchema: anything })
    const { engine, conversation } = startConversation({ ...options, tools: name === 'no tools' ? [] : [ask] })
    const sent = conversation.sendMessage({ text: 'Hello' })
    const run = await runOf(engine, 0)
    run.text('Hi')
    run.finish()
    await sent
    expect(conversation.getSnapshot().messages[1]?.metadata?.toolUse).toBe(toolUse)
  })

  it('is called where there was a call in any step', async () => {
    const ask = tool({ name: 'ask', description: 'x', inputSchema: anything, execute: () => 1 })
    const { engine, conversation, sent } = await calling({ tools: [ask] })
    const run = await runOf(engine, 1)
    run.text('Done')
    run.finish()
    await sent
    expect(conversation.getSnapshot().messages[1]?.metadata).toMatchObject({ toolUse: 'called' })
  })

  it('is not told where the answer was stopped before', async () => {
    const ask = tool({ name: 'ask', description: 'x', inputSchema: anything })
    const { engine, conversation } = startConversation({ tools: [ask] })
    const sent = conversation.sendMessage({ text: 'Hello' })
    const run = await runOf(engine, 0)
    run.text('Hi')
    await settle()
    conversation.stop()
    await sent
    expect(conversation.getSnapshot().messages[1]?.metadata?.toolUse).toBeUndefined()
  })
})

describe('options out of range', () => {
  it.each<[keyof ConversationOptions, ConversationOptions]>([
    ['maxToolResultChars', { maxToolResultChars: 0 }],
    ['confirmBelow', { confirmBelow: 1.1 }],
    ['onDoubt', { onDoubt: 'ask' as 'confirm' }],
  ])('are invalid-config: %s', async (subject, options) => {
    const { engine, conversation } = startConversation(options)
    await conversation.sendMessage({ text: 'Hi' })
    expect(conversation.getSnapshot()).toMatchObject({ status: 'error', error: { code: 'invalid-config', subject } })
    expect(engine.runs).toHaveLength(0)
  })
})
