import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { formatCodecs } from '../../../test/helpers/formatCodecs.js'
import { GuidedModel } from '../../../test/helpers/GuidedModel.js'
import type { GenerateRequest } from '../types.js'
import { Random } from '../sampling/Random.js'
import { Speculator } from './Speculator.js'

// Every run takes as long as any other, as on a GPU: then a guess costs nothing.
let clock = 0
beforeEach(() => {
  vi.spyOn(performance, 'now').mockImplementation(() => (clock += 1))
})
afterEach(() => vi.restoreAllMocks())

const flat = (speculator: Speculator) => {
  for (let tokens = 1; tokens <= 16; tokens++) speculator.measured(tokens, tokens > 1 ? 1 : 0, 9)
  return speculator
}

describe('a draft', () => {
  it('is what followed the last tokens where they stood before', () => {
    const speculator = flat(new Speculator())
    speculator.start([1, 2, 3, 4, 5, 6, 7, 1, 2, 3])
    expect(speculator.draft(1, 3)).toEqual([4, 5, 6])
    speculator.written(4)
    expect(speculator.draft(1, 4)).toEqual([5, 6, 7, 1])
  })

  it('ends before what would end the answer', () => {
    const speculator = flat(new Speculator({ endTokens: new Set([5]) }))
    speculator.start([1, 2, 3, 4, 5, 6, 1, 2, 3])
    expect(speculator.draft(1, 8)).toEqual([4])
  })

  it('is empty where nothing is known, or nothing more has room', () => {
    const speculator = flat(new Speculator())
    speculator.start([1, 2, 3])
    expect(speculator.draft(1, 8)).toEqual([])
    speculator.start([1, 2, 1])
    expect(speculator.draft(1, 0)).toEqual([])
  })

  it('is not made of what was only drafted before', () => {
    const speculator = flat(new Speculator())
    speculator.start([1, 2, 3, 4, 9, 1, 2])
    expect(speculator.draft(1, 2)).toEqual([3, 4])
    speculator.written(8)
    speculator.written(2)
    expect(speculator.draft(1, 2)).toEqual([8, 2])
  })

  it('stops where guesses do not come true, and begins again where they would have', () => {
    const speculator = new Speculator()
    for (let tokens = 1; tokens <= 16; tokens++) speculator.measured(tokens, tokens > 1 ? 1 : 0, 3 + 6 * tokens)
    speculator.start(Array.from({ length: 400 }, (_, i) => i % 20))
    const drafted = (next: (at: number) => number) => {
      let count = 0
      for (let at = 0; at < 60; at++) {
        count += speculator.draft(1, 7).length > 0 ? 1 : 0
        speculator.written(next(at))
      }
      return count
    }
    expect(drafted((at) => at % 20)).toBeGreaterThan(50)
    const random = new Random(2)
    const other = () => Math.floor(random.next() * 9)
    drafted(other)
    expect(drafted(other)).toBeLessThan(5)
    drafted((at) => at % 20)
    expect(drafted((at) => at % 20)).toBeGreaterThan(50)
  })
})

const tools = [
  {
    name: 'add_task',
    description: 'Adds a task',
    inputSchema: {
      type: 'object',
      properties: { text: { type: 'string' }, list: { type: 'string', enum: ['home', 'work', 'garden'] }, minutes: { type: 'integer', minimum: 1, maximum: 500 } },
      required: ['text', 'list'],
    },
  },
  { name: 'clear_tasks', description: 'Clears all tasks', inputSchema: { type: 'object', properties: {} } },
]
const said = 'Put "water the young tomatoes on the balcony twice" on my Garden list, 45 minutes'
const base: GenerateRequest = { messages: [{ role: 'user', content: said }], tools, maxTokens: 120, constrained: true }
const add = (text: string) => ({ name: 'add_task', input: { text, list: 'garden', minutes: 45 } })
const copied = add('water the young tomatoes on the balcony twice')

describe.each(formatCodecs.filter(([title]) => title !== 'harmony'))('with calls in the format %s', { timeout: 60_000 }, (_title, codec) => {
  const model = new GuidedModel(codec)
  const format = codec.format!
  const end = format.stopTokens.find((token) => codec.tokenizer.idOf(token) !== undefined) ?? '<|im_end|>'
  const answers = [
    ['what the user said', format.renderCalls([copied])],
    ['something else', format.renderCalls([add('mow the lawn, it is high')])],
    ['two calls alike', format.renderCalls([copied, copied])],
    ['text that repeats itself, and a call', `I water, I water, I water, I water the young tomatoes.\n${format.renderCalls([copied])}`],
  ] as const

  it.each(answers)('the tokens are the same with drafts, for %s', async (_what, text) => {
    const drafted = await model.answer(base, model.writing(text, end), { maxRows: 16 })
    const plain = await model.answer(base, model.writing(text, end))
    expect(drafted.ids).toEqual(plain.ids)
    expect(drafted.calls).toEqual(plain.calls)
    expect(drafted.counts.acceptedTokens).toBeLessThanOrEqual(drafted.counts.draftedTokens)
    expect(drafted.counts.forwardPasses).toBeLessThanOrEqual(plain.counts.forwardPasses)
  })

  it.each<Partial<GenerateRequest>>([{ stop: ['tomatoes on'] }, { stop: [' water the young t'] }, { maxTokens: 21 }, { maxTokens: 1 }])('an answer ends where it would without drafts: %o', async (limits) => {
    const text = 'I water the young tomatoes. '.repeat(3) + 'I water the young tomatoes on the balcony.'
    const request = { messages: base.messages, maxTokens: 60, ...limits }
    const [drafted, plain] = [await model.answer(request, model.writing(text, end), { maxRows: 16 }), await model.answer(request, model.writing(text, end))]
    expect(drafted.ids).toEqual(plain.ids)
    expect(drafted.text).toBe(plain.text)
  })

  it('what the user said is copied into the arguments, many words in a run', async () => {
    const text = format.renderCalls([copied])
    const { calls, counts } = await model.answer(base, model.writing(text, end), { maxRows: 16 })
    const plain = await model.answer(base, model.writing(text, end))
    expect(calls).toEqual([copied])
    expect(counts.forwardPasses).toBeLessThan(0.85 * plain.counts.forwardPasses)
  })
})
