import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { callEvent, runOf, settle, startConversation } from '../../test/helpers/conversation.js'
import type { GenerateEvent } from '../inference/types.js'
import { tool } from '../tools/tool.js'
import type { Tool } from '../tools/types.js'
import { isToolPart } from './isToolPart.js'
import type { ConversationOptions, ToolPart } from './types.js'

const inputSchema = z.object({ amount: z.coerce.number() })

function pay(more: Partial<Tool<{ amount: number }>> = {}): { execute: ReturnType<typeof vi.fn>; tool: Tool } {
  const execute = vi.fn(({ amount }: { amount: number }) => ({ paid: amount }))
  return { execute, tool: { ...tool({ name: 'pay', description: 'Pay', inputSchema, execute }), ...more } }
}

/** A conversation whose first generation made these calls. */
async function calling(options: ConversationOptions, ...calls: GenerateEvent[]) {
  const started = startConversation(options)
  const { engine, conversation } = started
  const sent = conversation.sendMessage({ text: 'Pay 5' })
  const run = await runOf(engine, 0)
  run.push(...calls)
  run.finish('tool-calls')
  await settle()
  const tools = (): ToolPart[] => (conversation.getSnapshot().messages[1]?.parts ?? []).filter(isToolPart)
  return { ...started, sent, tools }
}

describe('a tool that needs approval', () => {
  it('waits, then runs when it is allowed', async () => {
    const { tool, execute } = pay({ needsApproval: true })
    const { conversation, engine, tools, sent } = await calling({ tools: [tool] }, callEvent('a', 'pay', { amount: 5 }))
    expect(execute).not.toHaveBeenCalled()
    expect(conversation.getSnapshot().status).toBe('awaiting-approval')
    expect(tools()).toEqual([
      {
        ...{ type: 'tool-pay', toolName: 'pay', toolCallId: 'a', input: { amount: 5 } },
        ...{ state: 'approval-requested', approval: { because: ['needs-approval'] } },
      },
    ])
    conversation.addToolApproval({ toolCallId: 'a', approved: true, reason: 'go' })
    const run = await runOf(engine, 1)
    const approval = { because: ['needs-approval'], approved: true, reason: 'go' }
    expect(tools()).toMatchObject([{ state: 'output-available', output: { paid: 5 }, approval }])
    run.finish()
    await sent
    expect(conversation.getSnapshot().status).toBe('ready')
    expect(execute).toHaveBeenCalledOnce()
  })

  it('shows that it was allowed while it runs', async () => {
    let finish: (value: string) => void = () => undefined
    const slow = pay({ needsApproval: true, execute: () => new Promise((resolve) => (finish = resolve)) })
    const { conversation, tools } = await calling({ tools: [slow.tool] }, callEvent('a', 'pay', { amount: 5 }))
    conversation.addToolApproval({ toolCallId: 'a', approved: true })
    await settle()
    expect(tools()).toMatchObject([{ state: 'approval-responded', approval: { approved: true } }])
    expect(conversation.getSnapshot().status).toBe('streaming')
    finish('done')
    await settle()
    expect(tools()).toMatchObject([{ state: 'output-available', output: 'done' }])
  })

  it('is not run when it is denied, and the model is told why', async () => {
    const { tool, execute } = pay({ needsApproval: true })
    const { conversation, engine, tools } = await calling({ tools: [tool] }, callEvent('a', 'pay', { amount: 5 }))
    conversation.addToolApproval({ toolCallId: 'a', approved: false, reason: 'too much' })
    const { request } = await runOf(engine, 1)
    expect(execute).not.toHaveBeenCalled()
    const approval = { because: ['needs-approval'], approved: false, reason: 'too much' }
    expect(tools()).toMatchObject([{ state: 'output-denied', input: { amount: 5 }, approval }])
    expect(request.messages.slice(1)).toEqual([
      { role: 'assistant', content: '', toolCalls: [{ id: 'a', name: 'pay', input: { amount: 5 } }] },
      { role: 'tool', toolCallId: 'a', name: 'pay', content: '{"error":"Not run: the user did not allow it (too much)."}' },
    ])
  })

  it('decides by the input that its schema let through', async () => {
    const needsApproval = vi.fn(({ amount }: { amount: number }) => amount > 100)
    const { tool, execute } = pay({ needsApproval })
    const calls = [callEvent('a', 'pay', { amount: '5' }), callEvent('b', 'pay', { amount: '500' })]
    const { tools } = await calling({ tools: [tool] }, ...calls)
    expect(needsApproval.mock.calls).toEqual([[{ amount: 5 }], [{ amount: 500 }]])
    expect(tools().map(({ state }) => state)).toEqual(['output-available', 'approval-requested'])
    expect(execute).toHaveBeenCalledExactlyOnceWith({ amount: 5 }, expect.anything())
  })

  it('is not asked for with an invalid input, nor when the question itself fails', async () => {
    const { tool, execute } = pay({ needsApproval: () => { throw new Error('no limit is set') } })
    const onError = vi.fn()
    const calls = [callEvent('a', 'pay', {}), callEvent('b', 'pay', { amount: 1 })]
    const { tools } = await calling({ tools: [tool], onError }, ...calls)
    expect(tools()).toMatchObject([
      { state: 'output-error', errorCode: 'invalid-tool-input' },
      { state: 'output-error', errorCode: 'tool-failed', errorText: 'no limit is set' },
    ])
    expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'tool-failed' }))
    expect(execute).not.toHaveBeenCalled()
  })

  it('does not hold up the calls beside it, and each is answered by its id', async () => {
    const { tool, execute } = pay({ needsApproval: ({ amount }) => amount > 1 })
    const calls = [1, 2, 3].map((amount) => callEvent(`c${amount}`, 'pay', { amount }))
    const { conversation, engine, tools } = await calling({ tools: [tool] }, ...calls)
    expect(tools().map(({ state }) => state)).toEqual(['output-available', 'approval-requested', 'approval-requested'])
    conversation.addToolApproval({ toolCallId: 'c3', approved: true })
    await settle()
    expect(tools().map(({ state }) => state)).toEqual(['output-available', 'approval-requested', 'output-available'])
    expect(conversation.getSnapshot().status).toBe('awaiting-approval')
    expect(engine.runs).toHaveLength(1)
    conversation.addToolApproval({ toolCallId: 'c2', approved: false })
    await runOf(engine, 1)
    expect(execute).toHaveBeenCalledTimes(2)
  })

  it('runs the newest handler, however long the user took, and only if its input is still valid', async () => {
    const old = pay({ needsApproval: true })
    const { conversation, options, tools } = await calling(
      { tools: [old.tool] },
      callEvent('a', 'pay', { amount: 5 }),
      callEvent('b', 'pay', { amount: 50 }),
    )
    const newest = vi.fn(() => 'newest')
    const upToTen = z.object({ amount: z.number().max(10) })
    options.tools = [tool({ name: 'pay', description: 'Pay', inputSchema: upToTen, execute: newest })]
    conversation.addToolApproval({ toolCallId: 'a', approved: true })
    conversation.addToolApproval({ toolCallId: 'b', approved: true })
    await settle()
    expect(old.execute).not.toHaveBeenCalled()
    expect(newest).toHaveBeenCalledOnce()
    expect(tools()).toMatchObject([{ output: 'newest' }, { state: 'output-error', errorCode: 'invalid-tool-input' }])
  })
})

describe('confirmBelow', () => {
  const sure = { name: 0.9, arguments: { amount: 0.8 } }

  it.each([
    [0.8, 'output-available'],
    [0.81, 'approval-requested'],
    [undefined, 'output-available'],
  ])('%s: a call with 0.8 as its lowest confidence is %s', async (confirmBelow, state) => {
    const call = { ...callEvent('a', 'pay', { amount: 5 }), confidence: sure } as GenerateEvent
    const { engine, tools } = await calling({ tools: [pay().tool], confirmBelow }, call)
    expect(engine.runs[0]?.request.callConfidence).toBe(confirmBelow !== undefined)
    expect(tools()).toMatchObject([{ state, confidence: sure }])
    if (state === 'approval-requested') expect(tools()).toMatchObject([{ approval: { because: ['low-confidence'] } }])
  })

  it('lets calls without figures pass', async () => {
    const { tools } = await calling({ tools: [pay().tool], confirmBelow: 1 }, callEvent('a', 'pay', { amount: 5 }))
    expect(tools()).toMatchObject([{ state: 'output-available' }])
  })
})

describe('a question that is not answered', () => {
  it('is denied by stop, and the history stays valid', async () => {
    const onError = vi.fn()
    const { tool, execute } = pay({ needsApproval: true })
    const { conversation, engine, tools, sent } = await calling({ tools: [tool], onError }, callEvent('a', 'pay', { amount: 5 }))
    conversation.stop()
    await sent
    const denied = { state: 'output-denied', approval: { approved: false, reason: 'stopped' } }
    expect(tools()).toMatchObject([denied])
    expect(conversation.getSnapshot()).toMatchObject({ status: 'ready', error: undefined })
    expect(() => conversation.addToolApproval({ toolCallId: 'a', approved: true })).toThrow(
      expect.objectContaining({ code: 'invalid-request', subject: 'toolCallId' }),
    )
    await settle()
    expect(execute).not.toHaveBeenCalled()
    expect(onError).not.toHaveBeenCalled()
    void conversation.sendMessage({ text: 'Hm' })
    expect((await runOf(engine, 1)).request.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'user'])
  })

  it('ends with dispose, and nothing runs', async () => {
    const { tool, execute } = pay({ needsApproval: true })
    const { conversation, sent } = await calling({ tools: [tool] }, callEvent('a', 'pay', { amount: 5 }))
    conversation.dispose()
    await sent
    expect(() => conversation.addToolApproval({ toolCallId: 'a', approved: true })).toThrow('no call "a" waits')
    expect(execute).not.toHaveBeenCalled()
  })

  it('cannot be answered twice, nor by a wrong id', async () => {
    const { conversation } = await calling({ tools: [pay({ needsApproval: true }).tool] }, callEvent('a', 'pay', { amount: 5 }))
    expect(() => conversation.addToolApproval({ toolCallId: 'b', approved: true })).toThrow('no call "b" waits')
    conversation.addToolApproval({ toolCallId: 'a', approved: true })
    expect(() => conversation.addToolApproval({ toolCallId: 'a', approved: true })).toThrow('no call "a" waits')
  })
})
