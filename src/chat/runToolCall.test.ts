import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { scriptedSteps } from '../../test/helpers/scriptedSteps.js'
import type { GenerateEvent } from '../inference/types.js'
import { createId } from '../tools/createId.js'
import { tool } from '../tools/tool.js'
import { Conversation } from './Conversation.js'
import { isToolPart } from './isToolPart.js'
import type { ConversationOptions, UIMessage } from './types.js'

async function chat(engine: ReturnType<typeof scriptedSteps>, options: ConversationOptions) {
  const conversation = new Conversation(engine, () => ({ onDoubt: 'execute', ...options }))
  await conversation.sendMessage({ text: 'Go' })
  const snapshot = conversation.getSnapshot()
  const answer: UIMessage | undefined = snapshot.messages[1]
  return { conversation, snapshot, answer, tools: (answer?.parts ?? []).filter(isToolPart) }
}

function call(name: string, input: unknown = {}): GenerateEvent {
  return { type: 'tool-call', id: createId(), name, input }
}

const anything = { type: 'object' } as const
const echo = tool({ name: 'echo', description: 'Echo', inputSchema: anything, execute: (input) => input })

describe('failures of tools', () => {
  it.each<[string, () => unknown]>([
    ['throws', () => { throw new Error('The lamp is broken') }],
    ['rejects', () => Promise.reject(new Error('The lamp is broken'))],
    ['throws a string', () => { throw 'The lamp is broken' }],
  ])('a handler that %s gives the model an error, and the turn goes on', async (_case, execute) => {
    const onError = vi.fn()
    const lamp = tool({ name: 'lamp', description: 'x', inputSchema: anything, execute })
    const engine = scriptedSteps(['On it. ', call('lamp')], ['Sorry.'])
    const { snapshot, tools } = await chat(engine, { tools: [lamp], onError })
    expect(tools).toMatchObject([{ state: 'output-error', errorText: 'The lamp is broken', input: {} }])
    expect(engine.requests[1]?.messages.at(-1)).toMatchObject({ role: 'tool', content: '{"error":"The lamp is broken"}' })
    expect(snapshot).toMatchObject({ status: 'ready', error: undefined })
    expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'tool-failed', subject: 'lamp' }))
  })

  it('one handler that throws does not touch the others', async () => {
    const lamp = tool({ name: 'lamp', description: 'x', inputSchema: anything, execute: () => { throw new Error('no') } })
    const { tools } = await chat(scriptedSteps([call('lamp'), call('echo', { a: 1 })], ['ok']), { tools: [lamp, echo] })
    expect(tools.map(({ state }) => state)).toEqual(['output-error', 'output-available'])
  })

  it('input that the schema refuses never reaches the handler', async () => {
    const execute = vi.fn()
    const onError = vi.fn()
    const paint = tool({ name: 'paint', description: 'x', inputSchema: z.object({ color: z.enum(['red']) }), execute })
    const { tools } = await chat(scriptedSteps([call('paint', { color: 'mauve' })], ['ok']), { tools: [paint], onError })
    expect(execute).not.toHaveBeenCalled()
    expect(tools).toMatchObject([{ state: 'output-error', input: { color: 'mauve' }, errorText: expect.stringMatching(/color.*red/) as string }])
    expect(onError).not.toHaveBeenCalled()
  })

  const cycle: Record<string, unknown> = {}
  cycle.self = cycle
  it.each<[string, unknown]>([
    ['BigInt', 1n],
    ['BigInt inside', { a: [1n] }],
    ['cycle', cycle],
    ['function', () => 1],
    ['function inside', { onClick: () => 1 }],
    ['symbol', Symbol('x')],
    ['Map', new Map()],
  ])('a result with a %s is invalid-tool-output', async (_case, output) => {
    const onError = vi.fn()
    const bad = tool({ name: 'bad', description: 'x', inputSchema: anything, execute: () => output })
    const { tools, snapshot } = await chat(scriptedSteps([call('bad')], ['ok']), { tools: [bad], onError })
    expect(tools).toMatchObject([{ state: 'output-error', errorText: expect.stringContaining('JSON') as string }])
    expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'invalid-tool-output', subject: 'bad' }))
    expect(snapshot.status).toBe('ready')
  })

  it('no result is null', async () => {
    const quiet = tool({ name: 'quiet', description: 'x', inputSchema: anything, execute: () => undefined })
    const engine = scriptedSteps([call('quiet')], ['ok'])
    const { tools } = await chat(engine, { tools: [quiet] })
    expect(tools).toMatchObject([{ state: 'output-available', output: null }])
    expect(engine.requests[1]?.messages.at(-1)?.content).toBe('null')
  })

  it('a damaged call goes back as it was written, with what is wrong', async () => {
    const raw = '<tool_call>\n{"name": "echo", "arguments": {"a": 1}\n</tool_call>'
    const engine = scriptedSteps(['Ok. ', { type: 'tool-error', name: 'echo', raw, message: 'not valid JSON' }], [call('echo', { a: 1 })], ['Done'])
    const { tools } = await chat(engine, { tools: [echo] })
    expect(engine.requests[1]?.messages.slice(1)).toEqual([
      { role: 'assistant', content: `Ok. ${raw}` },
      { role: 'tool', toolCallId: tools[0]?.toolCallId, name: 'echo', content: '{"error":"not valid JSON"}' },
    ])
    expect(tools.map(({ state }) => state)).toEqual(['output-error', 'output-available'])
  })

  it('a refused call goes back as a call, with what is wrong', async () => {
    const refused: GenerateEvent[] = [
      { type: 'tool-input-start', id: 'x', name: 'echo' },
      { type: 'tool-error', id: 'x', name: 'echo', input: { a: 'b' }, raw: '…', message: 'a: must be a number' },
    ]
    const engine = scriptedSteps(refused, ['Done'])
    const { tools } = await chat(engine, { tools: [echo] })
    expect(tools).toHaveLength(1)
    expect(engine.requests[1]?.messages.slice(1)).toEqual([
      { role: 'assistant', content: '', toolCalls: [{ id: 'x', name: 'echo', input: { a: 'b' } }] },
      { role: 'tool', toolCallId: 'x', name: 'echo', content: '{"error":"a: must be a number"}' },
    ])
  })
})
