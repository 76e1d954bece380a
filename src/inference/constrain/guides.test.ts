import { describe, expect, it } from 'vitest'
import { hermesSetup } from '../../../test/helpers/hermesModel.js'
import { GuidedModel } from '../../../test/helpers/GuidedModel.js'
import type { Wish } from '../../../test/helpers/ScriptedBackend.js'
import { loadGrammarLibrary } from '../../../test/helpers/grammarLibrary.js'
import { ChatCodec } from '../generate/ChatCodec.js'
import type { DecoderOptions } from '../generate/Decoder.js'
import { Turn } from '../generate/Turn.js'
import type { GenerateEvent, GenerateRequest } from '../types.js'
import { Guides } from './Guides.js'

const codec = new ChatCodec(hermesSetup())
const guides = new Guides(codec, loadGrammarLibrary)
const { tokenizer } = codec

const paint = {
  name: 'paint_square',
  description: 'Paints the square',
  inputSchema: {
    type: 'object',
    properties: { color: { type: 'string', enum: ['red', 'blue', 'dark green'] }, size: { type: 'integer', minimum: 1, maximum: 30 } },
    required: ['color'],
  },
}
const clear = { name: 'paint_nothing', description: 'Clears the square', inputSchema: { type: 'object', properties: {} } }
const request: GenerateRequest = { messages: [{ role: 'user', content: 'Red, please' }], tools: [paint, clear] }

const model = new GuidedModel(codec, guides)
const textOf = (ids: readonly number[]) => model.textOf(ids)
const writing = (text: string) => model.writing(text, '<|im_end|>')
const answer = (changes: Partial<GenerateRequest>, wish: (prompt: number) => Wish, options: DecoderOptions = {}, by = model) =>
  by.answer({ ...request, ...changes }, wish, options)

const call = (name: string, args: string) => `<tool_call>\n{"name": "${name}", "arguments": ${args}}\n</tool_call>`
const red = call('paint_square', '{"color": "red"}')
const errors = (events: GenerateEvent[]) => events.filter(({ type }) => type === 'tool-error')

describe('a constrained answer', () => {
  it('is what the model wants where that is valid, in the same tokens', async () => {
    const { written, calls, ids } = await answer({}, writing(red))
    expect(written).toBe(`${red}<|im_end|>`)
    expect(calls).toEqual([{ name: 'paint_square', input: { color: 'red' } }])
    expect(ids).toEqual(tokenizer.encode(`${red}<|im_end|>`))
  })

  it('leaves free text as it is, before and after calls', async () => {
    const said = `Sure {"name": "x"} 日本 <tool_cal\n${red}\nDone, I think.`
    const { written, calls } = await answer({}, writing(said))
    expect(written).toBe(`${said}<|im_end|>`)
    expect(calls).toHaveLength(1)
  })

  it('leaves an answer without calls alone, and compiles its grammar in vain at most', async () => {
    const { text, runs } = await answer({}, writing('No tool for that.'))
    expect(text).toBe('No tool for that.')
    expect(runs.slice(-3).every((run) => run.length === 1)).toBe(true)
  })

  it.each([
    ['a tool that does not exist', call('explode', '{}')],
    ['a value that is none of the enum', call('paint_square', '{"color": "purple"}')],
    ['a number out of range', call('paint_square', '{"color": "red", "size": 150}')],
    ['an argument that does not exist', call('paint_square', '{"colour": "red"}')],
    ['a missing argument', call('paint_square', '{}')],
    ['a wrong type', call('paint_square', '{"color": "red", "size": "7"}')],
    ['no JSON at all', '<tool_call>paint it red</tool_call>'],
  ])('is a valid call although the model wants %s', async (_, text) => {
    const { calls, events } = await answer({ maxTokens: 64 }, writing(text))
    expect(errors(events)).toEqual([])
    expect(calls).toHaveLength(1)
  })

  it('may be several calls', async () => {
    const { calls } = await answer({}, writing(`${red}\n${call('paint_nothing', '{}')}`))
    expect(calls.map(({ name }) => name)).toEqual(['paint_square', 'paint_nothing'])
  })

  it('is one call without parallel calls, constrained or not', async () => {
    for (const constrained of [true, false]) {
      const { calls, events } = await answer({ parallelToolCalls: false, constrained }, writing(`${red}\n${red}`))
      expect(calls).toHaveLength(1)
      expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'tool-calls' })
    }
  })

  it('does not watch inside of reasoning', async () => {
    const thought = '<think>I could write <tool_call>{"x"} here.</think>No.'
    const { written, events } = await answer({}, writing(thought))
    expect(written).toBe(`${thought}<|im_end|>`)
    expect(errors(events)).toEqual([])
  })

  it('never has a control token inside of a call', async () => {
    const note = { ...paint, inputSchema: { type: 'object', properties: { note: { type: 'string' } }, required: ['note'] } }
    const text = call('paint_square', '{"note": "a <|im_start|> b"}')
    const start = tokenizer.idOf('<|im_start|>')!
    const { ids, calls } = await answer({ tools: [note] }, (prompt) => (fed) => {
      const written = textOf(fed.slice(prompt))
      const isInside = written.startsWith('<tool_call>') && !written.includes('</tool_call>')
      return [...writing(text)(prompt)(fed), ...(isInside ? [[start, 11] as const] : [])]
    })
    expect(ids).not.toContain(start)
    expect(calls).toHaveLength(1)
  })

  it('is not kept when the request says so', async () => {
    const { events } = await answer({ constrained: false }, writing(call('paint_square', '{"color": "purple"}')))
    expect(errors(events)).toHaveLength(1)
  })
})

describe('toolChoice', () => {
  it('required forces a call of any tool', async () => {
    const { calls, events } = await answer({ toolChoice: 'required', maxTokens: 64 }, writing('I would rather talk.'))
    expect(errors(events)).toEqual([])
    expect(calls.length).toBeGreaterThan(0)
  })

  it('by name forces a call of that tool, also of those that follow', async () => {
    const { calls } = await answer({ toolChoice: { name: 'paint_nothing' } }, (prompt) => (fed) => writing(` {}}\n</tool_call>\n${red}`)(prompt)(fed))
    expect(calls.map(({ name }) => name)).toEqual(['paint_nothing', 'paint_nothing'])
  })

  it('none has no calls', async () => {
    const { calls, text } = await answer({ toolChoice: 'none' }, writing('I may not.'))
    expect([calls, text]).toEqual([[], 'I may not.'])
  })
})

describe('jump-forward', () => {
  const texts = [red, `Yes.\n${red}`, call('paint_nothing', '{}'), call('paint_square', '{"color": "dark green", "size": 12}'), `${red}\n${red}`, '<tool_call>oops']
  it.each(texts)('gives the same tokens as feeding one by one: %s', async (text) => {
    for (const changes of [{}, { toolChoice: 'required' as const }, { toolChoice: { name: 'paint_square' } }, { temperature: 0.8, seed: 3 }, { repetitionPenalty: 1.3 }]) {
      const [together, single] = [await answer({ maxTokens: 64, ...changes }, writing(text)), await answer({ maxTokens: 64, ...changes }, writing(text), { jumpForward: false })]
      expect(together.ids).toEqual(single.ids)
      expect(together.runs.length).toBeLessThanOrEqual(single.runs.length)
    }
  })

  it('saves most runs of a call', async () => {
    const { runs } = await answer({}, writing(red))
    const prefill = Math.ceil((await answer({ maxTokens: 1 }, writing(red))).runs.length)
    // The marker, the name after what all names begin with, the value; what the format and the schema force runs with them.
    expect(runs.length - prefill).toBeLessThanOrEqual(8)
    expect(tokenizer.encode(red).length).toBeGreaterThan(18)
  })

  it('ends with the token limit in the middle of forced text', async () => {
    const { ids, events } = await answer({ maxTokens: 5 }, writing(red))
    expect(ids).toHaveLength(5)
    expect(events.at(-1)).toMatchObject({ reason: 'length' })
  })
})

describe('responseFormat', () => {
  const schema = { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 1, maximum: 9 } }, required: ['city', 'days'] }
  const changes = { tools: [], responseFormat: { schema } }

  it('makes the whole answer JSON of the schema', async () => {
    const { text, events } = await answer(changes, writing('{"city": "Ulm", "days": 3}'))
    expect(text).toBe('{"city": "Ulm", "days": 3}')
    expect(events.at(-1)).toMatchObject({ reason: 'stop' })
  })

  it('holds the model back from anything else', async () => {
    const quote = tokenizer.encode('"')[0]!
    const { text } = await answer({ ...changes, maxTokens: 64 }, () => () => [[quote, 5], ...tokenizer.encode('Of course! It is 77').map((id) => [id, 3] as const)])
    const { city, days } = JSON.parse(text) as { city: unknown; days: number }
    expect(typeof city).toBe('string')
    expect(days).toBeGreaterThanOrEqual(1)
    expect(days).toBeLessThanOrEqual(9)
  })

  it('does not go with tools', async () => {
    await expect(answer({ responseFormat: { schema } }, writing('x'))).rejects.toMatchObject({ code: 'invalid-request', subject: 'responseFormat' })
  })
})

describe('what cannot be constrained', () => {
  const { grammar: _none, ...bare } = codec.format!
  const without = new Guides(Object.create(codec, { format: { value: { ...bare, name: 'bare' } } }) as ChatCodec, loadGrammarLibrary)

  it('is said before anything runs, for a format without a grammar', () => {
    const make = () => new Turn(codec, { ...request, constrained: true }, () => undefined, without)
    expect(make).toThrow(expect.objectContaining({ code: 'constrained-unavailable', subject: 'constrained' }))
  })

  it('is free where the request leaves it open', () => {
    expect(new Turn(codec, request, () => undefined, without).guide).toBeUndefined()
    expect(new Turn(codec, request, () => undefined, new Guides(codec, undefined)).guide).toBeUndefined()
    expect(new Turn(codec, request, () => undefined, guides).guide).toBeDefined()
  })

  it('is said when the library cannot be had', async () => {
    const broken = new Guides(codec, () => Promise.reject(new Error('404')))
    await expect(answer({}, writing(red), {}, new GuidedModel(codec, broken))).rejects.toMatchObject({ code: 'constrained-unavailable' })
  })
})
