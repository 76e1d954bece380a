import { describe, expect, it } from 'vitest'
import { loadGrammarLibrary } from '../../../test/helpers/grammarLibrary.js'
import { hermesSetup } from '../../../test/helpers/hermesModel.js'
import { ChatCodec } from '../generate/ChatCodec.js'
import { Random } from '../sampling/Random.js'
import type { GenerateRequest } from '../types.js'
import type { Guide } from './Guide.js'
import { Guides } from './Guides.js'

const vocabSize = 49_152
const codec = new ChatCodec(hermesSetup())
const guides = new Guides(codec, loadGrammarLibrary)
const tool = {
  name: 'add_note',
  description: 'Adds a note',
  inputSchema: {
    type: 'object',
    properties: {
      kind: { type: 'string', enum: ['private', 'public', 'private draft'] },
      text: { type: 'string' },
      stars: { type: 'integer', minimum: 0, maximum: 120 },
      tags: { type: 'array', items: { type: 'string', maxLength: 6 }, maxItems: 3 },
    },
    required: ['kind', 'text'],
  },
}
const request: GenerateRequest = { messages: [{ role: 'user', content: 'Note' }], tools: [tool, { ...tool, name: 'add_entry' }], toolChoice: 'required' }
const create = () => guides.create(request, codec.encode(request))!

/** What may come next. */
async function allowed(guide: Guide): Promise<number[]> {
  await guide.prepare()
  const logits = new Float32Array(vocabSize)
  guide.mask(logits)
  return [...logits.keys()].filter((id) => logits[id] === 0)
}

/** A guide that has gone this way; what was forced in between counts as its own. */
async function gone(way: readonly number[]): Promise<Guide> {
  const guide = create()
  for (const id of way) {
    await guide.takeForced()
    guide.accept(id)
  }
  return guide
}

describe('looking ahead', () => {
  it('shows what going there shows, and leaves nothing behind', async () => {
    const random = new Random(8)
    const pick = (ids: readonly number[]) => ids[Math.floor(random.next() * ids.length)]!
    let [walked, forcedAhead, refused] = [0, 0, 0]
    for (let round = 0; round < 5; round++) {
      const guide = create()
      const way: number[] = []
      for (let step = 0; step < 8; step++) {
        const forced = await guide.takeForced()
        const outlook = guide.lookAhead()
        if (outlook === undefined) break
        const scout = await gone(way)
        expect(await scout.takeForced()).toEqual(forced)
        const free = await allowed(scout)
        let here = free
        for (let ahead = 0; ahead < 4 && here.length > 0; ahead++) {
          const stranger = pick([...Array(vocabSize).keys()])
          if (!here.includes(stranger)) {
            expect(outlook.go(stranger)).toBe(false)
            refused++
          }
          const id = pick(here)
          expect(outlook.go(id)).toBe(true)
          scout.accept(id)
          const certain = outlook.isOver ? [] : outlook.goForced()
          expect(await scout.takeForced()).toEqual(certain)
          walked++
          forcedAhead += certain.length
          expect(outlook.isOver).toBe(scout.lookAhead() === undefined)
          here = outlook.isOver ? [] : await allowed(scout)
        }
        scout.dispose()
        outlook.end()
        expect(await allowed(guide)).toEqual(free)
        const next = pick(free)
        guide.accept(next)
        way.push(next)
      }
      guide.dispose()
    }
    expect([walked > 50, forcedAhead > 10, refused > 20]).toEqual([true, true, true])
  })

  it('is not offered where text is free', async () => {
    const guide = guides.create({ ...request, toolChoice: 'auto' }, codec.encode({ ...request, toolChoice: 'auto' }))!
    expect(guide.lookAhead()).toBeUndefined()
    guide.accept(codec.tokenizer.encode('Sure')[0]!)
    await guide.takeForced()
    expect(guide.lookAhead()).toBeUndefined()
    guide.dispose()
  })
})
