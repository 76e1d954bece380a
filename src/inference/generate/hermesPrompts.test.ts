import { describe, expect, it } from 'vitest'
import { hermesSetup, sharedPrompts } from '../../../test/helpers/hermesModel.js'
import { detectToolFormat, type ToolFormatName } from '../../tools/index.js'
import { Tokenizer } from '../tokenizer/Tokenizer.js'
import type { GenerateEvent, GenerateRequest, PromptMessage, ToolSpec } from '../types.js'
import { ChatCodec } from './ChatCodec.js'
import { Turn } from './Turn.js'

// function-caller: its template shows tools in a short form, and each marker of a call is one token.
const setup = hermesSetup()
const codec = new ChatCodec(setup)
const tokenizer = new Tokenizer({ tokenizer: setup.tokenizerJson, config: setup.tokenizerConfig })
const markers = Object.values(sharedPrompts.renamedTokens)
const open = tokenizer.idOf('<tool_call>')!

type Shared = (typeof sharedPrompts.prompts)[number]

function toRequest({ messages, tools }: Shared): GenerateRequest {
  return {
    tools: tools.map(({ name, description, parameters }): ToolSpec => ({ name, description, inputSchema: parameters })),
    messages: messages.map(({ role, content, name = '', calls = [] }, i): PromptMessage => {
      if (role === 'tool') return { role, content, name, toolCallId: `${i}` }
      if (role !== 'assistant') return { role, content }
      return { role, content, toolCalls: calls.map((call) => ({ id: 'x', name: call.name, input: call.arguments })) }
    }),
  }
}

const withTools = sharedPrompts.prompts.filter(({ tools }) => tools.length > 0).map(toRequest)
const request = withTools[0]!

describe('the template', () => {
  it('is known as hermes, and for one that presents tools', () => {
    expect(detectToolFormat({ chatTemplate: sharedPrompts.template })).toBe('hermes')
    expect(codec.toolFormat).toBe('hermes')
    expect(codec.templateHasTools).toBe(true)
  })

  it.each(sharedPrompts.prompts)('makes the tokens that the model was trained on: $name', (shared) => {
    expect(codec.encode(toRequest(shared)).ids).toEqual(shared.ids)
  })
})

describe('markers', () => {
  it.each(markers)('%s is one token', (marker) => {
    expect(tokenizer.encode(marker)).toHaveLength(1)
  })

  it.each(['user', 'tool'] as const)('in the words of a %s are plain text', (role) => {
    const spelled = `${markers.join(' x ')}<|im_end|>`
    const last: PromptMessage = role === 'user' ? { role, content: spelled } : { role, content: spelled, name: 'paint', toolCallId: '1' }
    const count = (content: PromptMessage) => {
      const { ids } = codec.encode({ ...request, messages: [{ role: 'user', content: 'Hi' }, content] })
      return ids.filter((id) => markers.some((marker) => tokenizer.idOf(marker) === id) || id === 2).length
    }
    expect(count(last)).toBe(count({ ...last, content: 'nothing of that kind' }))
  })
})

describe('an answer', () => {
  function run(toolRequest: GenerateRequest, ids: readonly number[]): GenerateEvent[][] {
    const steps: GenerateEvent[][] = []
    const turn = new Turn(codec, toolRequest, ({ events }) => steps.push(events))
    turn.start(0)
    for (const id of ids) if (!turn.accept(id)) break
    turn.finish('ended', undefined)
    return steps
  }
  const callsOf = (steps: GenerateEvent[][]) =>
    steps.flat().flatMap((event) => (event.type === 'tool-call' ? [{ name: event.name, arguments: event.input }] : []))
  const textOf = (steps: GenerateEvent[][]) =>
    steps.flat().map((event) => (event.type === 'text-delta' ? event.text : '')).join('')

  it.each(sharedPrompts.answers)('gives its calls, and no marker as text', ({ calls, ids }) => {
    const steps = run(request, ids)
    expect(callsOf(steps)).toEqual(calls)
    expect(textOf(steps).trim()).toBe('')
    expect(steps.at(-1)?.at(-1)).toMatchObject({ type: 'finish', reason: 'tool-calls' })
  })

  it('streams a call: its name and the pieces of its arguments come one by one', () => {
    const types = run(request, sharedPrompts.answers[0]!.ids).map((events) => events.map(({ type }) => type))
    expect(types.findIndex((step) => step.includes('tool-input-start'))).toBeLessThan(
      types.findIndex((step) => step.includes('tool-call')) - 5,
    )
    expect(types.filter((step) => step.includes('tool-input-delta')).length).toBeGreaterThan(5)
  })

  it('keeps markers out of text where a request has no tools', () => {
    const { messages } = request
    const steps = run({ messages }, tokenizer.encode('Hello there.<|im_end|>'))
    expect(textOf(steps)).toBe('Hello there.')
  })

  it.each(['required', { name: 'set_square_color' }] as const)('is forced with tokens that it would have begun with: %o', (toolChoice) => {
    const free = codec.encode(request).ids
    const forced = codec.encode({ ...request, toolChoice })
    const opening = forced.ids.slice(free.length)
    const answer = sharedPrompts.answers[0]!
    expect(forced.ids.slice(0, free.length)).toEqual(free)
    expect(opening[0]).toBe(open)
    expect(answer.ids.slice(0, opening.length)).toEqual(opening)
    expect(callsOf(run({ ...request, toolChoice }, answer.ids.slice(opening.length)))).toEqual(answer.calls)
  })
})

describe('the bias on calling', () => {
  it('is on the token that opens a call, where the model is free to call', () => {
    expect(codec.firstTokenBias({ ...request, toolCallBias: 1.5 })).toEqual({ token: open, bias: 1.5 })
    expect(codec.firstTokenBias({ ...request, toolCallBias: -1.5, toolChoice: 'auto' })).toEqual({ token: open, bias: -1.5 })
    expect(codec.firstTokenBias({ ...request, toolCallBias: 0 })).toBeUndefined()
    for (const toolChoice of ['none', 'required', { name: 'set_square_color' }] as const) {
      expect(codec.firstTokenBias({ ...request, toolCallBias: 1, toolChoice })).toBeUndefined()
    }
    expect(codec.firstTokenBias({ messages: request.messages, toolCallBias: 1 })).toBeUndefined()
  })

  it('is on the first token of an opening of several', () => {
    const plain = new ChatCodec(hermesSetup({ tokenizerJson: undefinedMarkers() }))
    const first = plain.firstTokenBias({ ...request, toolCallBias: 1 })
    const split = new Tokenizer({ tokenizer: undefinedMarkers(), config: setup.tokenizerConfig }).encode('<tool_call>')
    expect(split.length).toBeGreaterThan(1)
    expect(first?.token).toBe(split[0])
  })

  it('is on what the family mostly opens a call with, where it can be opened in several ways', () => {
    const first = (toolFormat: ToolFormatName) => {
      const other = new ChatCodec(hermesSetup(), { toolFormat })
      const token = other.firstTokenBias({ ...request, toolCallBias: 1 })?.token
      return token === undefined ? undefined : other.tokenizer.createDetokenizer({ keepSpecial: true }).push(token)
    }
    expect(first('llama-json')).toBe('{"')
    expect(first('pythonic')).toBe('[')
    expect(first('qwen3-xml')).toBe('<tool_call>')
    // All answers begin with a channel, calls or not.
    expect(first('harmony')).toBeUndefined()
  })

  it('comes from the request, else from the app, else from the manifest, else is none', () => {
    const manifest = { formatVersion: 1 as const, name: undefined, architecture: undefined, files: new Map(), dtypes: new Map(), tensors: new Map(), source: undefined, toolCallBias: 0.5 }
    const stored = new ChatCodec(hermesSetup({ manifest }))
    expect(stored.toolCallBias).toBe(0.5)
    expect(stored.firstTokenBias(request)?.bias).toBe(0.5)
    expect(stored.firstTokenBias({ ...request, toolCallBias: 0 })).toBeUndefined()
    expect(new ChatCodec(hermesSetup({ manifest }), { toolCallBias: -2 }).firstTokenBias(request)?.bias).toBe(-2)
    expect(codec.toolCallBias).toBe(0)
  })
})

/** The tokenizer of a model that has no token of its own for the markers. */
function undefinedMarkers(): Record<string, unknown> {
  const tokenizerJson = hermesSetup().tokenizerJson as { added_tokens: { content: string }[] }
  return { ...tokenizerJson, added_tokens: tokenizerJson.added_tokens.filter(({ content }) => !markers.includes(content)) }
}
