import { describe, expect, it } from 'vitest'
import { formatCodecs } from '../../../test/helpers/formatCodecs.js'
import { GuidedModel } from '../../../test/helpers/GuidedModel.js'
import type { GenerateRequest } from '../types.js'

const paint = {
  name: 'paint_square',
  description: 'Paints the square',
  inputSchema: {
    type: 'object',
    properties: { color: { type: 'string', enum: ['red', 'dark green', "rock'n'roll"] }, size: { type: 'integer', minimum: 1, maximum: 30 }, note: { type: 'string' }, soft: { type: 'boolean' } },
    required: ['color'],
  },
}
const { note: _long, ...short } = paint.inputSchema.properties
const withoutNote = { ...paint, inputSchema: { ...paint.inputSchema, properties: short } }
const clear = { name: 'paint_nothing', description: 'Clears the square', inputSchema: { type: 'object', properties: {} } }
const base: GenerateRequest = { messages: [{ role: 'user', content: 'Red, please' }], tools: [paint, clear], maxTokens: 80, constrained: true }

const red = { name: 'paint_square', input: { color: 'red' } }
const nothing = { name: 'paint_nothing', input: {} }
const rich = { name: 'paint_square', input: { color: "rock'n'roll", size: 12, note: 'it\'s "so" [x], {y}: 日本', soft: true } }

/** Values of qwen3-xml stand without quotes, and calls of harmony in headers: they have tests of their own. */
const quoting = formatCodecs.filter(([title]) => title !== 'qwen3-xml' && title !== 'harmony')

describe.each(quoting)('%s', { timeout: 60_000 }, (title, codec) => {
  const model = new GuidedModel(codec)
  const format = codec.format!
  const end = format.stopTokens.find((token) => codec.tokenizer.idOf(token) !== undefined) ?? '<|im_end|>'
  const writing = (text: string) => model.writing(text, end)
  const answer = (changes: Partial<GenerateRequest>, text: string, options = {}) => model.answer({ ...base, ...changes }, writing(text), options)

  it('is what the model wants where that is valid, one call or several', async () => {
    for (const calls of [[red], [nothing], [rich], [red, nothing, red]]) {
      const written = format.renderCalls(calls)
      const answered = await answer({}, `Yes.\n${written}`)
      expect(answered.calls).toEqual(calls)
      expect(answered.written).toContain(written)
      expect(answered.errors).toEqual([])
    }
  })

  it.each([
    { name: 'paint_square', input: { color: 'purple' } },
    { name: 'paint_square', input: { color: 'red', size: 150 } },
    { name: 'paint_square', input: { colour: 'red' } },
    { name: 'paint_square', input: {} },
    { name: 'paint_square', input: { color: 'red', size: '7' } },
    { name: 'paint_square', input: { color: 'red', soft: 'yes' } },
  ])('is a valid call although the model wants $input', async (wanted) => {
    const bracket = codec.tokenizer.encode('(')[0]!
    const wish = (prompt: number) => (fed: readonly number[]) => [[bracket, 5] as const, ...writing(format.renderCalls([wanted]))(prompt)(fed)]
    const { calls, errors } = await model.answer({ ...base, tools: [withoutNote, clear], parallelToolCalls: false }, wish)
    expect(errors).toEqual([])
    expect(calls.map(({ name }) => name)).toEqual(['paint_square'])
  })

  it('obeys toolChoice', async () => {
    const required = await answer({ toolChoice: 'required', parallelToolCalls: false }, 'I would rather talk.')
    expect([required.calls.length, required.errors]).toEqual([1, []])
    const named = await answer({ toolChoice: { name: 'paint_nothing' }, parallelToolCalls: false }, 'I would rather talk.')
    expect([named.calls, named.errors]).toEqual([[nothing], []])
    const none = await answer({ toolChoice: 'none', constrained: undefined }, 'I may not.')
    expect([none.calls, none.text]).toEqual([[], 'I may not.'])
  })

  it('is one call without parallel calls', async () => {
    const { calls, events } = await answer({ parallelToolCalls: false }, format.renderCalls([red, nothing]))
    expect(calls).toEqual([red])
    expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'tool-calls' })
  })

  it('leaves text alone that only looks like a call', async () => {
    const said = 'See [1], [paint](https://a.b), {x: 1} <esc call:paint_square{ and [paint_squares].'
    expect(await answer({}, said)).toMatchObject({ calls: [], text: said })
  })

  it('has the same tokens with jump-forward and without, in fewer runs', async () => {
    for (const changes of [{}, { toolChoice: 'required' as const }, { toolChoice: { name: 'paint_square' } }, { temperature: 0.8, seed: 3 }]) {
      for (const calls of [[red], [rich, nothing]]) {
        const text = format.renderCalls(calls)
        const [together, single] = [await answer(changes, text), await answer(changes, text, { jumpForward: false })]
        expect(together.ids).toEqual(single.ids)
        expect(together.runs.length).toBeLessThan(single.runs.length + (together.calls.length > 0 ? 0 : 1))
      }
    }
  })

  it('has no control token but its own, and its markers only where they mark', async () => {
    const own = [...format.opening, ...format.closing, '<escape>', '<|"|>']
    const others = codec.tokenizer.addedTokens.filter((token) => !own.includes(token)).map((token) => codec.tokenizer.idOf(token)!)
    const opened = format.renderCalls([{ name: 'paint_square', input: { color: 'red', note: 'Q' } }])
    const [before] = opened.split('Q')
    const { ids, calls } = await model.answer({ ...base, parallelToolCalls: false }, (prompt) => (fed) => {
      const written = model.textOf(fed.slice(prompt))
      const isInside = written.startsWith(before!)
      return [...writing(opened)(prompt)(fed), ...(isInside ? others.map((id) => [id, 11] as const) : [])]
    })
    expect(ids.filter((id) => others.includes(id))).toEqual([])
    expect([title, calls]).toEqual([title, [{ name: 'paint_square', input: { color: 'red', note: 'Q' } }]])
  })
})
