import { describe, expect, it, vi } from 'vitest'
import { callEvent, runOf, settle, startConversation } from '../../test/helpers/conversation.js'
import { tool } from '../tools/tool.js'
import type { Tool } from '../tools/types.js'
import { isToolPart } from './isToolPart.js'
import type { ConversationOptions, ToolPart, UIMessage } from './types.js'

const inputSchema = {
  type: 'object',
  properties: { room: { type: 'string' }, level: { type: 'integer', minimum: 0, maximum: 100 } },
} as const

function light(more: Partial<Tool> = {}) {
  const execute = vi.fn((input: unknown) => input)
  const made = tool({ name: 'set_light', description: 'Set the light of a room', inputSchema, execute })
  return { execute, tool: { ...made, ...more } as Tool }
}

async function asking(text: string, input: unknown, options: ConversationOptions, messages: UIMessage[] = []) {
  const started = startConversation({ onDoubt: undefined, ...options }, { messages })
  const { engine, conversation } = started
  void conversation.sendMessage({ text })
  const run = await runOf(engine, 0)
  run.push(callEvent('a', 'set_light', input))
  run.finish('tool-calls')
  await settle()
  const tools = (): ToolPart[] => (conversation.getSnapshot().messages.at(-1)?.parts ?? []).filter(isToolPart)
  return { ...started, tools }
}

describe('a grounded call', () => {
  it.each<[string, unknown]>([
    ['Set the light in the kitchen to 40', { room: 'kitchen', level: 40 }],
    ['set the kitchen to forty percent please', { room: 'Kitchen', level: 40 }],
    ['Which lights are on?', {}],
  ])('runs without a question: %s', async (text, input) => {
    const { tool, execute } = light()
    const { tools } = await asking(text, input, { tools: [tool] })
    expect(tools()).toMatchObject([{ state: 'output-available' }])
    expect(tools()[0]).not.toHaveProperty('doubts')
    expect(execute).toHaveBeenCalledOnce()
  })

  it('may take its values from a result of the same answer, of an earlier message, or the system prompt', async () => {
    const { tool, execute } = light()
    const told: UIMessage[] = [
      { id: '1', role: 'user', parts: [{ type: 'text', text: 'Where am I?', state: 'done' }] },
      { id: '2', role: 'assistant', parts: [{ type: 'text', text: 'In the pantry.', state: 'done' }] },
    ]
    const { engine, tools } = await asking('Make it 40 here', { room: 'pantry', level: 40 }, { tools: [tool] }, told)
    expect(tools()).toMatchObject([{ state: 'output-available' }])
    const run = await runOf(engine, 1)
    run.push(callEvent('b', 'set_light', { room: 'pantry', level: 41 }))
    run.finish('tool-calls')
    await settle()
    expect(tools()[1]).toMatchObject({ state: 'approval-requested', doubts: [{ path: '/level', kind: 'ungrounded' }] })
    expect(execute).toHaveBeenCalledOnce()

    const system = 'The house has one room: the pantry.'
    const second = await asking('Make it 40', { room: 'pantry', level: 40 }, { tools: [light().tool], system })
    expect(second.tools()).toMatchObject([{ state: 'output-available' }])
    const third = await asking('Make it 40', { room: 'pantry', level: 40 }, { tools: [light().tool] })
    expect(third.tools()).toMatchObject([{ state: 'approval-requested', doubts: [{ path: '/room', kind: 'ungrounded' }] }])
  })

  it('may take its values from what a tool gave in the same answer', async () => {
    const where = tool({ name: 'where', description: 'Tells the room', inputSchema: { type: 'object' }, execute: () => 'pantry' })
    const { engine, conversation } = startConversation({ onDoubt: undefined, tools: [where, light().tool] })
    void conversation.sendMessage({ text: 'Make it 40 where I am' })
    const first = await runOf(engine, 0)
    first.push(callEvent('a', 'where'))
    first.finish('tool-calls')
    const second = await runOf(engine, 1)
    second.push(callEvent('b', 'set_light', { room: 'pantry', level: 40 }))
    second.finish('tool-calls')
    await settle()
    expect(conversation.getSnapshot().messages[1]?.parts.filter(isToolPart).map(({ state }) => state)).toEqual([
      'output-available',
      'output-available',
    ])
  })
})

describe('what was accepted once', () => {
  it('is not asked about again, but what ran unasked is', async () => {
    const quiet = (more: Partial<Tool>) => ({ ...light(more).tool, execute: () => null })
    const again = async (more: Partial<Tool>) => {
      const { engine, conversation, tools } = await asking('Set the kitchen light', { room: 'kitchen', level: 70 }, { tools: [quiet(more)] })
      if (tools()[0]?.state === 'approval-requested') conversation.addToolApproval({ toolCallId: 'a', approved: true })
      const last = await runOf(engine, 1)
      last.finish()
      await settle()
      void conversation.sendMessage({ text: 'Again the kitchen' })
      const run = await runOf(engine, 2)
      run.push(callEvent('b', 'set_light', { room: 'kitchen', level: 70 }))
      run.finish('tool-calls')
      await settle()
      return tools()
    }
    expect(await again({})).toMatchObject([{ state: 'output-available' }])
    expect(await again({ annotations: { readOnly: true } })).toMatchObject([{ doubts: [{ path: '/level', kind: 'ungrounded' }] }])
  })
})

describe('an earlier call', () => {
  const part = (more: Partial<ToolPart>): UIMessage[] => [
    { id: '1', role: 'user', parts: [{ type: 'text', text: 'Set the light', state: 'done' }] },
    {
      id: '2',
      role: 'assistant',
      parts: [{ type: 'tool-set_light', toolName: 'set_light', toolCallId: 'x', input: { room: 'pantry' }, ...more } as ToolPart],
    },
  ]
  const doubts = [{ path: '/room', kind: 'ungrounded' as const }]
  const approval = { because: ['doubts' as const], approved: true }
  const failed = { state: 'output-error' as const, errorText: 'offline', errorCode: 'tool-failed' as const }

  it.each<[string, Partial<ToolPart>]>([
    ['that ran', { state: 'output-available', output: null }],
    ['whose result names it', { state: 'output-available', input: {}, output: { rooms: ['pantry'] } }],
    ['that was allowed and ran', { state: 'output-available', output: null, doubts, approval }],
    ['that was allowed and failed', { ...failed, doubts, approval }],
    ['that took too long', { ...failed, errorCode: 'tool-timeout' }],
    ['whose handler names it as it fails', { ...failed, input: {}, errorText: 'There is only a pantry' }],
  ])('%s is ground for its values', async (_, earlier) => {
    const { tools } = await asking('Make it 40', { room: 'pantry', level: 40 }, { tools: [light().tool] }, part(earlier))
    expect(tools()).toMatchObject([{ state: 'output-available' }])
    expect(tools()[0]).not.toHaveProperty('doubts')
  })

  it.each<[string, Partial<ToolPart>]>([
    ['that ran unasked although it was doubtful', { state: 'output-available', output: null, doubts }],
    ['that was denied', { state: 'output-denied', approval: { ...approval, approved: false } }],
    ['that was refused', { state: 'output-error', errorText: 'Not run. room: pantry', doubts }],
    ['that was invalid', { state: 'output-error', errorText: 'room must be pantry', errorCode: 'invalid-tool-input' }],
    ['of a tool that there is not', { state: 'output-error', errorText: 'No tool pantry', errorCode: 'unknown-tool' }],
    ['that was stopped', { state: 'output-error', errorText: 'stopped', approval }],
    ['whose result was not of its schema', { ...failed, input: {}, errorText: 'The result is not "pantry"', errorCode: 'invalid-tool-output' }],
  ])('%s is none', async (_, earlier) => {
    const { tools } = await asking('Make it 40', { room: 'pantry', level: 40 }, { tools: [light().tool] }, part(earlier))
    expect(tools()).toMatchObject([{ state: 'approval-requested', doubts }])
  })

  it('of the same step is none before it has run', async () => {
    const { engine, conversation } = startConversation({ onDoubt: undefined, tools: [light({ needsApproval: true }).tool] })
    void conversation.sendMessage({ text: 'Make it 40' })
    const run = await runOf(engine, 0)
    run.push(callEvent('a', 'set_light', { room: 'pantry', level: 40 }))
    run.push(callEvent('b', 'set_light', { room: 'pantry', level: 40 }))
    run.finish('tool-calls')
    await settle()
    const tools = conversation.getSnapshot().messages.at(-1)?.parts.filter(isToolPart)
    expect(tools).toMatchObject([{ doubts }, { doubts }])
  })
})

describe('a doubtful call', () => {
  const invented = { room: 'kitchen', level: 70 }
  const text = 'Set the light in the kitchen'
  const doubts = [{ path: '/level', kind: 'ungrounded' }]

  it('is a question by default, with the doubts shown, and runs when it is allowed', async () => {
    const { tool, execute } = light()
    const { conversation, tools } = await asking(text, invented, { tools: [tool] })
    expect(tools()).toMatchObject([{ state: 'approval-requested', approval: { because: ['doubts'] }, doubts }])
    expect(execute).not.toHaveBeenCalled()
    conversation.addToolApproval({ toolCallId: 'a', approved: true })
    await settle()
    expect(tools()).toMatchObject([{ state: 'output-available', doubts, approval: { approved: true } }])
  })

  it('runs by default where the tool is read-only, and keeps the doubts', async () => {
    const { tool, execute } = light({ annotations: { readOnly: true } })
    const { tools } = await asking(text, invented, { tools: [tool] })
    expect(tools()).toMatchObject([{ state: 'output-available', doubts }])
    expect(execute).toHaveBeenCalledOnce()
  })

  it.each<[ConversationOptions['onDoubt'], Tool['onDoubt'], boolean, ToolPart['state']]>([
    ['execute', undefined, false, 'output-available'],
    ['confirm', undefined, true, 'approval-requested'],
    ['refuse', undefined, false, 'output-error'],
    ['execute', 'refuse', false, 'output-error'],
    ['refuse', 'execute', false, 'output-available'],
    [undefined, 'confirm', true, 'approval-requested'],
  ])('with onDoubt %s, the tool’s %s, read-only %s is %s', async (onDoubt, own, readOnly, state) => {
    const { tool } = light({ annotations: { readOnly }, onDoubt: own })
    const { tools } = await asking(text, invented, { tools: [tool], onDoubt })
    expect(tools()).toMatchObject([{ state, doubts }])
  })

  it('that is refused tells the model what to ask for, and no handler runs', async () => {
    const onError = vi.fn()
    const { tool, execute } = light()
    const { engine, tools } = await asking(text, invented, { tools: [tool], onDoubt: 'refuse', onError })
    const errorText = 'Not run. level: the value does not come from the conversation. Ask the user instead of guessing.'
    expect(tools()).toMatchObject([{ state: 'output-error', errorText }])
    expect((await runOf(engine, 1)).request.messages.at(-1)).toMatchObject({ content: JSON.stringify({ error: errorText }) })
    expect(execute).not.toHaveBeenCalled()
    expect(onError).not.toHaveBeenCalled()
  })

  it('is asked once for all reasons', async () => {
    const { tool } = light({ needsApproval: true })
    const { tools } = await asking(text, invented, { tools: [tool] })
    expect(tools()).toMatchObject([{ state: 'approval-requested', approval: { because: ['needs-approval', 'doubts'] } }])
  })

  it.each<[string, unknown, string]>([
    ['Set the kitchen light to 150', { room: 'kitchen', level: 100 }, 'out-of-range'],
    ["Don't set the kitchen light to 40", { room: 'kitchen', level: 40 }, 'negated'],
  ])('is found: %s', async (said, input, kind) => {
    const { tools } = await asking(said, input, { tools: [light().tool] })
    expect(tools()[0]?.doubts?.map((doubt) => doubt.kind)).toContain(kind)
    expect(tools()).toMatchObject([{ state: 'approval-requested' }])
  })
})
