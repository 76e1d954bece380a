import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { scriptedSteps } from '../../test/helpers/scriptedSteps.js'
import type { GenerateEvent } from '../inference/types.js'
import { createId } from '../tools/createId.js'
import { tool } from '../tools/tool.js'
import { Conversation } from './Conversation.js'
import { isToolPart } from './isToolPart.js'
import type { ConversationOptions, ToolPart, UIMessage } from './types.js'

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

describe('calls', () => {
  it('run, and their results go back to the model', async () => {
    const execute = vi.fn(({ color }: { color: string }) => ({ now: color }))
    const paint = tool({ name: 'paint', description: 'Paint', inputSchema: z.object({ color: z.string() }), execute })
    const engine = scriptedSteps(['Sure.\n', call('paint', { color: 'red' })], ['It is red.'])
    const { snapshot, answer } = await chat(engine, { tools: [paint] })
    expect(execute).toHaveBeenCalledExactlyOnceWith({ color: 'red' }, { toolCallId: expect.any(String) as string, signal: expect.any(AbortSignal) as AbortSignal })
    expect(snapshot).toMatchObject({ status: 'ready', error: undefined })
    expect(answer?.parts).toEqual([
      { type: 'text', text: 'Sure.\n', state: 'done' },
      { type: 'tool-paint', toolName: 'paint', toolCallId: expect.any(String) as string, state: 'output-available', input: { color: 'red' }, output: { now: 'red' }, doubts: [{ path: '/color', kind: 'ungrounded' }] },
      { type: 'step-start' },
      { type: 'text', text: 'It is red.', state: 'done' },
    ])
    expect(engine.requests[0]?.tools).toEqual([
      { name: 'paint', description: 'Paint', inputSchema: { type: 'object', properties: { color: { type: 'string' } }, required: ['color'] } },
    ])
    const id = (answer?.parts[1] as ToolPart).toolCallId
    expect(engine.requests[1]?.messages).toEqual([
      { role: 'user', content: 'Go' },
      { role: 'assistant', content: 'Sure.', toolCalls: [{ id, name: 'paint', input: { color: 'red' } }] },
      { role: 'tool', toolCallId: id, name: 'paint', content: '{"now":"red"}' },
    ])
  })

  it('of one step run side by side, and results stand in the order of the calls', async () => {
    const waiting: (() => void)[] = []
    const meet = tool({
      name: 'meet',
      description: 'x',
      inputSchema: z.object({ n: z.number() }),
      execute: ({ n }) =>
        new Promise<number>((resolve) => {
          waiting.unshift(() => resolve(n))
          if (waiting.length === 3) for (const go of waiting) go()
        }),
    })
    const engine = scriptedSteps([1, 2, 3].map((n) => call('meet', { n })), ['Done'])
    const { tools } = await chat(engine, { tools: [meet] })
    expect(tools.map((part) => part.state === 'output-available' && part.output)).toEqual([1, 2, 3])
    expect(engine.requests[1]?.messages.slice(2).map(({ content }) => content)).toEqual(['1', '2', '3'])
  })

  it('of several steps reach the model in the order they happened', async () => {
    const engine = scriptedSteps([call('echo', { a: 1 })], [call('echo', { a: 2 })], ['Done'])
    await chat(engine, { tools: [echo] })
    expect(engine.requests[2]?.messages.map(({ role, content }) => `${role} ${content}`)).toEqual([
      'user Go',
      'assistant ',
      'tool {"a":1}',
      'assistant ',
      'tool {"a":2}',
    ])
  })

  it('give handlers what the schema makes of the input, while the part keeps what the model wrote', async () => {
    const execute = vi.fn(() => null)
    const schema = z.object({ n: z.string().transform(Number), unit: z.string().default('cm') })
    const { tools } = await chat(scriptedSteps([call('size', { n: '7' })], ['ok']), {
      tools: [tool({ name: 'size', description: 'x', inputSchema: schema, execute })],
    })
    expect(execute).toHaveBeenCalledWith({ n: 7, unit: 'cm' }, expect.anything())
    expect(tools[0]?.input).toEqual({ n: '7' })
  })

  it('that are complete stand although the token limit cut off the next', async () => {
    const cut: GenerateEvent = { type: 'tool-error', raw: '<tool_call>{"na', message: 'cut off' }
    const engine = scriptedSteps({ events: [call('echo', { a: 1 }), cut], reason: 'length' }, ['Done'])
    const { tools, answer } = await chat(engine, { tools: [echo] })
    expect(tools.map(({ state }) => state)).toEqual(['output-available', 'output-error'])
    expect(answer?.metadata?.interrupted).toBeUndefined()
    expect(engine.requests).toHaveLength(2)
  })

  it('that are all cut off end the turn', async () => {
    const engine = scriptedSteps({ events: [{ type: 'tool-error', raw: '<tool_call>{"na', message: 'cut off' }], reason: 'length' })
    const { tools, answer, snapshot } = await chat(engine, { tools: [echo] })
    expect(snapshot.status).toBe('ready')
    expect(tools).toMatchObject([{ state: 'output-error', errorText: 'cut off' }])
    expect(answer?.metadata?.interrupted).toBe('length')
    expect(engine.requests).toHaveLength(1)
  })

  it('do not turn blank reasoning into text', async () => {
    const { answer } = await chat(scriptedSteps([{ type: 'reasoning-delta', text: '\n\n' }, 'Done']), {})
    expect(answer?.parts).toEqual([{ type: 'text', text: 'Done', state: 'done' }])
  })

  it('do not leave blank texts around them', async () => {
    const engine = scriptedSteps(['\n', call('echo', { a: 1 }), '\n', call('echo', { a: 2 }), '\n'], ['\n\nDone', ' '])
    const { answer } = await chat(engine, { tools: [echo] })
    expect(answer?.parts.map((part) => (part.type === 'text' ? part.text : part.type))).toEqual([
      'tool-echo',
      'tool-echo',
      'step-start',
      '\n\nDone ',
    ])
  })
})

describe('latest options', () => {
  it('are read at each step and at dispatch', async () => {
    const options: ConversationOptions = { tools: [echo], system: 'One' }
    const engine = scriptedSteps([call('echo', { a: 1 })], ['Done'])
    const second = tool({ name: 'echo', description: 'Echo', inputSchema: anything, execute: () => 'second' })
    const generate = engine.generate
    engine.generate = async function* (request) {
      yield* generate(request)
      // Between the model's answer and the dispatch, as a render would.
      Object.assign(options, { tools: [second], system: 'Two' })
    }
    const { tools } = await chat(engine, options)
    expect(tools[0]).toMatchObject({ state: 'output-available', output: 'second' })
    expect(engine.requests.map(({ messages }) => messages[0]?.content)).toEqual(['One', 'Two'])
  })

  it('that lost the tool make an error for the model', async () => {
    const options: ConversationOptions = { tools: [echo] }
    const engine = scriptedSteps([call('echo')], ['Done'])
    const generate = engine.generate
    engine.generate = async function* (request) {
      yield* generate(request)
      options.tools = []
    }
    const { tools, snapshot } = await chat(engine, options)
    expect(tools[0]).toMatchObject({ state: 'output-error', errorText: expect.stringContaining('no tool named "echo"') as string })
    expect(snapshot.status).toBe('ready')
  })

  it.each<[string, unknown, Partial<ToolPart>]>([
    ['and do not fit the new schema, never reach the handler', { level: 'high' }, { state: 'output-error', errorCode: 'invalid-tool-input' }],
    ['and fit the new schema, run', { level: 3 }, { state: 'output-available', output: 3 }],
  ])('that changed plain JSON Schema since the call was written: arguments are checked anew %s', async (_case, input, part) => {
    const execute = vi.fn(({ level }: { level: number }) => level)
    const before = tool({ name: 'set', description: 'Set', inputSchema: anything, execute: () => null })
    const inputSchema = { type: 'object', properties: { level: { type: 'number' } }, required: ['level'] } as const
    const options: ConversationOptions = { tools: [before] }
    const engine = scriptedSteps([call('set', input)], ['Done'])
    const generate = engine.generate
    engine.generate = async function* (request) {
      yield* generate(request)
      options.tools = [tool({ name: 'set', description: 'Set', inputSchema, execute })]
    }
    const { tools } = await chat(engine, options)
    expect(tools).toMatchObject([part])
    expect(execute).toHaveBeenCalledTimes(part.state === 'output-available' ? 1 : 0)
    if (part.state === 'output-error') expect(engine.requests[1]?.messages.at(-1)?.content).toContain('level')
  })

  it('with two tools of one name are an error before anything is generated', async () => {
    const onError = vi.fn()
    const engine = scriptedSteps(['Hi'])
    const { snapshot } = await chat(engine, { tools: [echo, { ...echo }], onError })
    expect(snapshot).toMatchObject({ status: 'error', error: { code: 'duplicate-tool', subject: 'echo' } })
    expect(engine.requests).toHaveLength(0)
    expect(onError).toHaveBeenCalledOnce()
  })

  it('lean to calls as the options say, at every step', async () => {
    const engine = scriptedSteps([call('echo', { a: 1 })], ['Done'])
    await chat(engine, { tools: [echo], toolCallBias: -0.5 })
    expect(engine.requests.map(({ toolCallBias }) => toolCallBias)).toEqual([-0.5, -0.5])
  })

  it('force a call in the first step only', async () => {
    const engine = scriptedSteps([call('echo', { a: 1 })], ['Done'])
    await chat(engine, { tools: [echo], toolChoice: { name: 'echo' } })
    expect(engine.requests.map(({ toolChoice }) => toolChoice)).toEqual([{ name: 'echo' }, 'auto'])
  })
})

describe('loops', () => {
  it('end after maxSteps generations, with every call run', async () => {
    let n = 0
    const engine = scriptedSteps([call('echo')])
    const generate = engine.generate
    engine.generate = async function* (request) {
      for await (const event of generate(request)) yield event.type === 'tool-call' ? { ...event, id: `n${n}`, input: { n: n++ } } : event
    }
    const { answer, tools, snapshot } = await chat(engine, { tools: [echo], maxSteps: 3 })
    expect(engine.requests).toHaveLength(3)
    expect(tools.map(({ state }) => state)).toEqual(['output-available', 'output-available', 'output-available'])
    expect(answer?.metadata?.interrupted).toBe('max-steps')
    expect(snapshot.status).toBe('ready')
  })

  it('take five steps by default', async () => {
    let n = 0
    const engine = scriptedSteps([call('echo')])
    const generate = engine.generate
    engine.generate = async function* (request) {
      for await (const event of generate(request)) yield event.type === 'tool-call' ? { ...event, id: `n${n}`, input: { n: n++ } } : event
    }
    await chat(engine, { tools: [echo] })
    expect(engine.requests).toHaveLength(5)
  })

  it('are cut where the model repeats its call, whatever the order of keys', async () => {
    const execute = vi.fn((input: unknown) => input)
    const once = tool({ name: 'once', description: 'x', inputSchema: anything, execute })
    const engine = scriptedSteps([call('once', { a: 1, b: { c: 2, d: 3 } })], [call('once', { b: { d: 3, c: 2 }, a: 1 })], ['never'])
    const { answer, tools, snapshot } = await chat(engine, { tools: [once] })
    expect(execute).toHaveBeenCalledOnce()
    expect(engine.requests).toHaveLength(2)
    expect(tools.map(({ state }) => state)).toEqual(['output-available', 'output-error'])
    expect(answer?.metadata?.interrupted).toBe('repeated-call')
    expect(snapshot).toMatchObject({ status: 'ready', error: undefined })
  })

  it('are cut where the model repeats the same damage', async () => {
    const damaged: GenerateEvent = { type: 'tool-error', raw: '<tool_call>{', message: 'not valid JSON' }
    const engine = scriptedSteps([damaged])
    const { answer } = await chat(engine, { tools: [echo] })
    expect(engine.requests).toHaveLength(2)
    expect(answer?.metadata?.interrupted).toBe('repeated-call')
  })

  it('go on where only some calls are repeated, which do not run again', async () => {
    const execute = vi.fn((input: unknown) => input)
    const once = tool({ name: 'once', description: 'x', inputSchema: anything, execute })
    const engine = scriptedSteps([call('once', { a: 1 })], [call('once', { a: 1 }), call('once', { a: 2 })], ['Done'])
    const { answer } = await chat(engine, { tools: [once] })
    expect(execute.mock.calls.map(([input]) => input)).toEqual([{ a: 1 }, { a: 2 }])
    expect(answer?.parts.at(-1)).toMatchObject({ text: 'Done' })
  })

  it('let the same call stand twice in one step, and again in another turn', async () => {
    const execute = vi.fn(() => null)
    const add = tool({ name: 'add', description: 'x', inputSchema: anything, execute })
    const engine = scriptedSteps([call('add'), call('add')], ['Done'], [call('add')], ['Done'])
    const { conversation } = await chat(engine, { tools: [add] })
    expect(execute).toHaveBeenCalledTimes(2)
    await conversation.sendMessage({ text: 'Again' })
    expect(execute).toHaveBeenCalledTimes(3)
  })
})

describe('abort from the engine', () => {
  it('ends the turn as a stop does', async () => {
    const { answer, snapshot } = await chat(scriptedSteps({ events: ['Hal'], reason: 'abort' }), {})
    expect(snapshot).toMatchObject({ status: 'ready', error: undefined })
    expect(answer).toMatchObject({ parts: [{ text: 'Hal', state: 'done' }], metadata: { interrupted: 'stopped' } })
  })
})
