import { describe, expect, it } from 'vitest'
import { loadFreshGrammarLibrary } from '../../../test/helpers/grammarLibrary.js'
import { GuidedModel } from '../../../test/helpers/GuidedModel.js'
import { hermesSetup } from '../../../test/helpers/hermesModel.js'
import { ChatCodec } from '../generate/ChatCodec.js'
import type { GenerateRequest } from '../types.js'
import type { GrammarLibrary } from './GrammarLibrary.js'
import { GrammarService } from './GrammarService.js'
import { Guides } from './Guides.js'

const codec = new ChatCodec(hermesSetup())
const { tokenizer, endTokens } = codec
const json = { json: { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] } }

/** A service whose first library is broken by `fault`, and how often a library was asked for. */
function faulty(fault: (library: GrammarLibrary) => GrammarLibrary) {
  const counted = { loads: 0 }
  const load = async () => {
    counted.loads++
    const library = await loadFreshGrammarLibrary()
    return counted.loads === 1 ? fault(library) : library
  }
  return { counted, load, service: new GrammarService({ tokenizer, endTokens, markers: [], load }) }
}

/** Text that xgrammar cannot read ends its WebAssembly. */
const unreadable = (library: GrammarLibrary): GrammarLibrary => ({ ...library, grammarText: () => 'root ::= (' })
/** What the library fails on. */
const noText = Symbol('no text') as unknown as string
const unavailable = expect.objectContaining({ code: 'constrained-unavailable', subject: 'grammar' }) as Error

async function accepts(service: GrammarService, text: string): Promise<boolean> {
  const match = await service.match(json, { isLast: false })
  const isWhole = match.acceptText(text) && match.isOver
  match.dispose()
  return isWhole
}

describe('an error in the library', () => {
  it('is that of one request: the next one gets another instance', async () => {
    const { service, counted } = faulty(unreadable)
    await expect(service.match(json, { isLast: false })).rejects.toEqual(unavailable)
    expect([await accepts(service, '{"a": 1}'), await accepts(service, '{"b": 1}'), counted.loads]).toEqual([true, false, 2])
  })

  it('takes with it what was compiled before', async () => {
    let texts = 0
    const { service, counted } = faulty((library) => ({ ...library, grammarText: (node) => (++texts < 2 ? library.grammarText(node) : 'root ::= (') }))
    expect(await accepts(service, '{"a": 1}')).toBe(true)
    await expect(service.match({ text: 'x' }, { isLast: false })).rejects.toEqual(unavailable)
    expect([await accepts(service, '{"a": 1}'), counted.loads]).toEqual([true, 2])
  })

  it('in the middle of a match does not hide behind what is freed afterwards', async () => {
    const { service, counted } = faulty((library) => library)
    const match = await service.match(json, { isLast: false })
    expect(() => match.acceptText(noText)).toThrow(unavailable)
    expect(() => match.dispose()).not.toThrow()
    expect([await accepts(service, '{"a": 1}'), counted.loads]).toEqual([true, 2])
  })

  it('breaks as many matches as are under way, and costs one instance', async () => {
    const { service, counted } = faulty((library) => library)
    const matches = await Promise.all([service.match(json, { isLast: false }), service.match(json, { isLast: false })])
    for (const match of matches) expect(() => match.acceptText(noText)).toThrow(unavailable)
    expect([await accepts(service, '{"a": 1}'), counted.loads]).toEqual([true, 2])
  })

  it('fails one answer, and the next one is constrained', async () => {
    const { load } = faulty(unreadable)
    const model = new GuidedModel(codec, new Guides(codec, load))
    const paint = { name: 'paint', description: '', inputSchema: { type: 'object', properties: { color: { enum: ['red'] } }, required: ['color'] } }
    const request: GenerateRequest = { messages: [{ role: 'user', content: 'Red' }], tools: [paint] }
    const wish = model.writing('<tool_call>\n{"name": "paint", "arguments": {"color": "blue"}}\n</tool_call>', '<|im_end|>')
    await expect(model.answer(request, wish)).rejects.toEqual(unavailable)
    expect((await model.answer(request, wish)).calls).toEqual([{ name: 'paint', input: { color: 'red' } }])
  })
})

it('asks again for a library that did not come', async () => {
  let loads = 0
  const load = () => (++loads === 1 ? Promise.reject(new Error('404')) : loadFreshGrammarLibrary())
  const service = new GrammarService({ tokenizer, endTokens, markers: [], load })
  await expect(service.match(json, { isLast: false })).rejects.toEqual(unavailable)
  expect(await accepts(service, '{"a": 1}')).toBe(true)
})
