import { describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { metrics } from '../../test/helpers/ScriptedEngine.js'
import type { FinishReason, GenerateEvent, GenerateRequest } from '../inference/types.js'
import { tool } from '../tools/tool.js'
import { Conversation } from './Conversation.js'
import type { ConversationOptions, MessagePart, ToolPart, UIMessage } from './types.js'

type Step = (GenerateEvent | string)[] | { events: (GenerateEvent | string)[]; reason: FinishReason }

/** Answers the n-th request with the n-th step; the last one is repeated. Strings are text. */
function scripted(...steps: Step[]) {
  const requests: GenerateRequest[] = []
  async function* generate(request: GenerateRequest): AsyncGenerator<GenerateEvent, void, undefined> {
    const step = steps[Math.min(requests.push(request), steps.length) - 1] ?? []
    const { events, reason } = Array.isArray(step) ? { events: step, reason: 'stop' as const } : step
    for (const event of events) yield typeof event === 'string' ? { type: 'text-delta', text: event } : event
    yield { type: 'finish', reason, metrics, tokenIds: [] }
  }
  return { requests, generate }
}

let calls = 0
function call(name: string, input: unknown = {}): GenerateEvent {
  return { type: 'tool-call', id: `id${calls++}`, name, input }
}

async function chat(engine: ReturnType<typeof scripted>, options: ConversationOptions) {
  const conversation = new Conversation(engine, () => options)
  await conversation.sendMessage({ text: 'Go' })
  const snapshot = conversation.getSnapshot()
  const answer: UIMessage | undefined = snapshot.messages[1]
  return { conversation, snapshot, answer, tools: (answer?.parts ?? []).filter(isToolPart) }
}

function isToolPart(part: MessagePart): part is ToolPart {
  return 'toolCallId' in part
}

const anything = { type: 'object' } as const
const echo = tool({ name: 'echo', description: 'Echo', inputSchema: anything, execute: (input) => input })

describe('calls', () => {
  it('run, and their results go back to the model', async () => {
    const execute = vi.fn(({ color }: { color: string }) => ({ now: color }))
    const paint = tool({ name: 'paint', description: 'Paint', inputSchema: z.object({ color: z.string() }), execute })
    const engine = scripted(['Sure.\n', call('paint', { color: 'red' })], ['It is red.'])
    const { snapshot, answer } = await chat(engine, { tools: [paint] })
    expect(execute).toHaveBeenCalledExactlyOnceWith({ color: 'red' }, { toolCallId: expect.any(String) as string, signal: expect.any(AbortSignal) as AbortSignal })
    expect(snapshot).toMatchObject({ status: 'ready', error: undefined })
    expect(answer?.parts).toEqual([
      { type: 'text', text: 'Sure.\n', state: 'done' },
      { type: 'tool-paint', toolName: 'paint', toolCallId: expect.any(String) as string, state: 'output-available', input: { color: 'red' }, output: { now: 'red' } },
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
    const engine = scripted([1, 2, 3].map((n) => call('meet', { n })), ['Done'])
    const { tools } = await chat(engine, { tools: [meet] })
    expect(tools.map((part) => part.state === 'output-available' && part.output)).toEqual([1, 2, 3])
    expect(engine.requests[1]?.messages.slice(2).map(({ content }) => content)).toEqual(['1', '2', '3'])
  })

  it('of several steps reach the model in the order they happened', async () => {
    const engine = scripted([call('echo', { a: 1 })], [call('echo', { a: 2 })], ['Done'])
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
    const { tools } = await chat(scripted([call('size', { n: '7' })], ['ok']), {
      tools: [tool({ name: 'size', description: 'x', inputSchema: schema, execute })],
    })
    expect(execute).toHaveBeenCalledWith({ n: 7, unit: 'cm' }, expect.anything())
    expect(tools[0]?.input).toEqual({ n: '7' })
  })

  it('that are complete stand although the token limit cut off the next', async () => {
    const cut: GenerateEvent = { type: 'tool-error', raw: '<tool_call>{"na', message: 'cut off' }
    const engine = scripted({ events: [call('echo', { a: 1 }), cut], reason: 'length' }, ['Done'])
    const { tools, answer } = await chat(engine, { tools: [echo] })
    expect(tools.map(({ state }) => state)).toEqual(['output-available', 'output-error'])
    expect(answer?.metadata?.interrupted).toBeUndefined()
    expect(engine.requests).toHaveLength(2)
  })

  it('that are all cut off end the turn', async () => {
    const engine = scripted({ events: [{ type: 'tool-error', raw: '<tool_call>{"na', message: 'cut off' }], reason: 'length' })
    const { tools, answer, snapshot } = await chat(engine, { tools: [echo] })
    expect(snapshot.status).toBe('ready')
    expect(tools).toMatchObject([{ state: 'output-error', errorText: 'cut off' }])
    expect(answer?.metadata?.interrupted).toBe('length')
    expect(engine.requests).toHaveLength(1)
  })

  it('do not leave blank texts around them', async () => {
    const engine = scripted(['\n', call('echo', { a: 1 }), '\n', call('echo', { a: 2 }), '\n'], ['\n\nDone', ' '])
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
    const engine = scripted([call('echo', { a: 1 })], ['Done'])
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
    const engine = scripted([call('echo')], ['Done'])
    const generate = engine.generate
    engine.generate = async function* (request) {
      yield* generate(request)
      options.tools = []
    }
    const { tools, snapshot } = await chat(engine, options)
    expect(tools[0]).toMatchObject({ state: 'output-error', errorText: expect.stringContaining('no tool named "echo"') as string })
    expect(snapshot.status).toBe('ready')
  })

  it('with two tools of one name are an error before anything is generated', async () => {
    const onError = vi.fn()
    const engine = scripted(['Hi'])
    const { snapshot } = await chat(engine, { tools: [echo, { ...echo }], onError })
    expect(snapshot).toMatchObject({ status: 'error', error: { code: 'duplicate-tool', subject: 'echo' } })
    expect(engine.requests).toHaveLength(0)
    expect(onError).toHaveBeenCalledOnce()
  })

  it('force a call in the first step only', async () => {
    const engine = scripted([call('echo', { a: 1 })], ['Done'])
    await chat(engine, { tools: [echo], toolChoice: { name: 'echo' } })
    expect(engine.requests.map(({ toolChoice }) => toolChoice)).toEqual([{ name: 'echo' }, 'auto'])
  })
})

describe('failures of tools', () => {
  it.each<[string, () => unknown]>([
    ['throws', () => { throw new Error('The lamp is broken') }],
    ['rejects', () => Promise.reject(new Error('The lamp is broken'))],
    ['throws a string', () => { throw 'The lamp is broken' }],
  ])('a handler that %s gives the model an error, and the turn goes on', async (_case, execute) => {
    const onError = vi.fn()
    const lamp = tool({ name: 'lamp', description: 'x', inputSchema: anything, execute })
    const engine = scripted(['On it. ', call('lamp')], ['Sorry.'])
    const { snapshot, tools } = await chat(engine, { tools: [lamp], onError })
    expect(tools).toMatchObject([{ state: 'output-error', errorText: 'The lamp is broken', input: {} }])
    expect(engine.requests[1]?.messages.at(-1)).toMatchObject({ role: 'tool', content: '{"error":"The lamp is broken"}' })
    expect(snapshot).toMatchObject({ status: 'ready', error: undefined })
    expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'tool-failed', subject: 'lamp' }))
  })

  it('one handler that throws does not touch the others', async () => {
    const lamp = tool({ name: 'lamp', description: 'x', inputSchema: anything, execute: () => { throw new Error('no') } })
    const { tools } = await chat(scripted([call('lamp'), call('echo', { a: 1 })], ['ok']), { tools: [lamp, echo] })
    expect(tools.map(({ state }) => state)).toEqual(['output-error', 'output-available'])
  })

  it('input that the schema refuses never reaches the handler', async () => {
    const execute = vi.fn()
    const onError = vi.fn()
    const paint = tool({ name: 'paint', description: 'x', inputSchema: z.object({ color: z.enum(['red']) }), execute })
    const { tools } = await chat(scripted([call('paint', { color: 'mauve' })], ['ok']), { tools: [paint], onError })
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
    const { tools, snapshot } = await chat(scripted([call('bad')], ['ok']), { tools: [bad], onError })
    expect(tools).toMatchObject([{ state: 'output-error', errorText: expect.stringContaining('JSON') as string }])
    expect(onError).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'invalid-tool-output', subject: 'bad' }))
    expect(snapshot.status).toBe('ready')
  })

  it('no result is null', async () => {
    const quiet = tool({ name: 'quiet', description: 'x', inputSchema: anything, execute: () => undefined })
    const engine = scripted([call('quiet')], ['ok'])
    const { tools } = await chat(engine, { tools: [quiet] })
    expect(tools).toMatchObject([{ state: 'output-available', output: null }])
    expect(engine.requests[1]?.messages.at(-1)?.content).toBe('null')
  })

  it('a damaged call goes back as it was written, with what is wrong', async () => {
    const raw = '<tool_call>\n{"name": "echo", "arguments": {"a": 1}\n</tool_call>'
    const engine = scripted(['Ok. ', { type: 'tool-error', name: 'echo', raw, message: 'not valid JSON' }], [call('echo', { a: 1 })], ['Done'])
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
    const engine = scripted(refused, ['Done'])
    const { tools } = await chat(engine, { tools: [echo] })
    expect(tools).toHaveLength(1)
    expect(engine.requests[1]?.messages.slice(1)).toEqual([
      { role: 'assistant', content: '', toolCalls: [{ id: 'x', name: 'echo', input: { a: 'b' } }] },
      { role: 'tool', toolCallId: 'x', name: 'echo', content: '{"error":"a: must be a number"}' },
    ])
  })
})

describe('loops', () => {
  it('end after maxSteps generations, with every call run', async () => {
    let n = 0
    const engine = scripted([call('echo')])
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
    const engine = scripted([call('echo')])
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
    const engine = scripted([call('once', { a: 1, b: { c: 2, d: 3 } })], [call('once', { b: { d: 3, c: 2 }, a: 1 })], ['never'])
    const { answer, tools, snapshot } = await chat(engine, { tools: [once] })
    expect(execute).toHaveBeenCalledOnce()
    expect(engine.requests).toHaveLength(2)
    expect(tools.map(({ state }) => state)).toEqual(['output-available', 'output-error'])
    expect(answer?.metadata?.interrupted).toBe('repeated-call')
    expect(snapshot).toMatchObject({ status: 'ready', error: undefined })
  })

  it('are cut where the model repeats the same damage', async () => {
    const damaged: GenerateEvent = { type: 'tool-error', raw: '<tool_call>{', message: 'not valid JSON' }
    const engine = scripted([damaged])
    const { answer } = await chat(engine, { tools: [echo] })
    expect(engine.requests).toHaveLength(2)
    expect(answer?.metadata?.interrupted).toBe('repeated-call')
  })

  it('go on where only some calls are repeated, which do not run again', async () => {
    const execute = vi.fn((input: unknown) => input)
    const once = tool({ name: 'once', description: 'x', inputSchema: anything, execute })
    const engine = scripted([call('once', { a: 1 })], [call('once', { a: 1 }), call('once', { a: 2 })], ['Done'])
    const { answer } = await chat(engine, { tools: [once] })
    expect(execute.mock.calls.map(([input]) => input)).toEqual([{ a: 1 }, { a: 2 }])
    expect(answer?.parts.at(-1)).toMatchObject({ text: 'Done' })
  })

  it('let the same call stand twice in one step, and again in another turn', async () => {
    const execute = vi.fn(() => null)
    const add = tool({ name: 'add', description: 'x', inputSchema: anything, execute })
    const engine = scripted([call('add'), call('add')], ['Done'], [call('add')], ['Done'])
    const { conversation } = await chat(engine, { tools: [add] })
    expect(execute).toHaveBeenCalledTimes(2)
    await conversation.sendMessage({ text: 'Again' })
    expect(execute).toHaveBeenCalledTimes(3)
  })
})

describe('abort from the engine', () => {
  it('ends the turn as a stop does', async () => {
    const { answer, snapshot } = await chat(scripted({ events: ['Hal'], reason: 'abort' }), {})
    expect(snapshot).toMatchObject({ status: 'ready', error: undefined })
    expect(answer).toMatchObject({ parts: [{ text: 'Hal', state: 'done' }], metadata: { interrupted: 'stopped' } })
  })
})
