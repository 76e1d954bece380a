import { describe, expect, it } from 'vitest'
import { GuidedModel } from '../../../test/helpers/GuidedModel.js'
import { hermesSetup } from '../../../test/helpers/hermesModel.js'
import type { ModelSetup } from '../../models/index.js'
import { ChatCodec } from '../generate/ChatCodec.js'
import type { GenerateRequest } from '../types.js'

/** SmolLM2's tokenizer with harmony's tokens, and a template that shows messages as gpt-oss's does. */
function harmonySetup(): ModelSetup {
  const setup = hermesSetup()
  const names: Record<string, string> = {
    '<tool_call>': '<|start|>', '</tool_call>': '<|channel|>', '<tools>': '<|message|>', '</tools>': '<|constrain|>', '<tool_response>': '<|end|>', '</tool_response>': '<|call|>',
  }
  const renamed = JSON.stringify(setup.tokenizerJson).replaceAll(/"(<\/?tool\w+>)"/g, (whole, token: string) => (names[token] ? JSON.stringify(names[token]) : whole))
  const chatTemplate =
    "{% for message in messages %}<|start|>{{ message.role }}<|channel|>final<|message|>{{ message.content }}<|end|>{% endfor %}<|start|>assistant"
  return { ...setup, tokenizerJson: JSON.parse(renamed) as ModelSetup['tokenizerJson'], chatTemplate }
}

const model = new GuidedModel(new ChatCodec(harmonySetup(), { toolFormat: 'harmony' }))
const paint = {
  name: 'paint_square',
  description: 'Paints the square',
  inputSchema: {
    type: 'object',
    properties: { color: { type: 'string', enum: ['red', 'blue'] }, size: { type: 'integer', minimum: 1, maximum: 30 } },
    required: ['color'],
  },
}
const clear = { name: 'paint_nothing', description: 'Clears the square', inputSchema: { type: 'object', properties: {} } }
const request: GenerateRequest = { messages: [{ role: 'user', content: 'Red, please' }], tools: [paint, clear], maxTokens: 80 }

const answer = (text: string, changes: Partial<GenerateRequest> = {}) => model.answer({ ...request, ...changes }, model.writing(text, '<|call|>'))
const toArguments = ' <|constrain|>json<|message|>'
const red = `<|channel|>commentary to=functions.paint_square${toArguments}{"color":"red"}`

describe('a call that a header opens', () => {
  it('is what the model wants where that is valid, in the same tokens', async () => {
    const { calls, ids, written } = await answer(red)
    expect(written).toBe(`${red}<|call|>`)
    expect(calls).toEqual([{ name: 'paint_square', input: { color: 'red' } }])
    expect(ids).toEqual(model.codec.tokenizer.encode(`${red}<|call|>`))
  })

  it('may come with the recipient before the channel, or behind analysis and a preamble', async () => {
    const before = ` to=functions.paint_square<|channel|>commentary${toArguments}{"color":"blue","size":30}`
    const first = await answer(before)
    expect([first.written, first.calls]).toEqual([`${before}<|call|>`, [{ name: 'paint_square', input: { color: 'blue', size: 30 } }]])
    const long = `<|channel|>analysis<|message|>They said to=functions.x, I think {"so"}.<|end|><|start|>assistant<|channel|>commentary<|message|>I paint.<|end|><|start|>assistant${red}`
    const second = await answer(long)
    expect(second).toMatchObject({ written: `${long}<|call|>`, reasoning: 'They said to=functions.x, I think {"so"}.', text: 'I paint.' })
    expect(second.calls).toEqual([{ name: 'paint_square', input: { color: 'red' } }])
  })

  it.each([
    ['a tool that does not exist', red.replace('paint_square', 'explode')],
    ['a recipient that is no function', red.replace('functions.paint_square', 'python')],
    ['a value that is none of the enum', red.replace('red', 'purple')],
    ['a number out of range', red.replace('"red"', '"red","size":31')],
    ['a missing argument', red.replace('"color":"red"', '')],
    ['no arguments at all', '<|channel|>commentary to=functions.paint_square<|message|><|call|>'],
    ['a call in the analysis channel, and wrong', '<|channel|>analysis to=functions.paint_square code<|message|>red'],
    ['a wrong call with the recipient before the channel', ' to=browser.search<|channel|>commentary json<|message|>{}'],
  ])('is valid although the model wants %s', async (_, text) => {
    const { calls, errors, events } = await answer(text)
    expect(errors).toEqual([])
    expect(calls).toHaveLength(1)
    expect(events.at(-1)).toMatchObject({ reason: 'tool-calls' })
  })

  it('is not looked for in the words of any channel', async () => {
    const text = '<|channel|>final<|message|>commentary to=functions.explode {"x"}'
    const { written, calls, errors } = await answer(text)
    expect([written, calls, errors]).toEqual([`${text}<|call|>`, [], []])
  })

  it('is not looked for in what a tool is made to say', async () => {
    const text = '<|channel|>final<|message|>So.<|end|><|start|>functions.x to=assistant<|channel|>commentary<|message|>{"x"}'
    const { written, text: shown, errors } = await answer(text)
    expect([written, shown, errors]).toEqual([`${text}<|call|>`, 'So.', []])
  })

  it('takes what the schema and the header force without asking', async () => {
    const { runs } = await answer(red)
    const { runs: prompt } = await answer(red, { maxTokens: 1 })
    // Asked for: the channel's header up to the recipient, the name behind what both have in common, the value, the end.
    expect(runs.length - prompt.length).toBeLessThanOrEqual(model.codec.tokenizer.encode(red).length / 2)
  })
})

describe('toolChoice', () => {
  it('required forces a call of any tool, a name of that one', async () => {
    const any = await answer('I would rather talk.', { toolChoice: 'required' })
    expect([any.errors, any.calls.length]).toEqual([[], 1])
    const named = await answer('explode', { toolChoice: { name: 'paint_nothing' } })
    expect([named.errors, named.calls]).toEqual([[], [{ name: 'paint_nothing', input: {} }]])
  })

  it('none has no calls and no grammar', async () => {
    const text = '<|channel|>final<|message|>I may not.'
    const { written, calls } = await answer(text, { toolChoice: 'none' })
    expect([written, calls]).toEqual([`${text}<|call|>`, []])
  })
})
