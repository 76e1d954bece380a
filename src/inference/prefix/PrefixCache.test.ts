import { describe, expect, it } from 'vitest'
import { SnapshotBackend } from '../../../test/helpers/SnapshotBackend.js'
import { Random } from '../sampling/Random.js'
import { commonLength } from './commonLength.js'
import { PrefixCache } from './PrefixCache.js'

const CHUNK = 8
const everything = Number.MAX_SAFE_INTEGER

function setUp({ isBatchInvariant = true, memoryBytes = everything, isOn = true } = {}) {
  const backend = new SnapshotBackend(isBatchInvariant)
  const cache = new PrefixCache(backend, { chunk: isBatchInvariant ? 1 : CHUNK, memoryBytes, isOn })
  /** One request: what prefill and decoding do with the cache. The logits at the prompt's end, and what was reused. */
  const ask = async (prompt: number[], anchorLength = 0, answer: number[] = []) => {
    const { tokens: reused, from } = await cache.begin(prompt, anchorLength)
    expect(backend.length).toBe(reused)
    let logits = new Float32Array()
    for (let start = reused; start < prompt.length; start += CHUNK) {
      const chunk = prompt.slice(start, start + CHUNK)
      logits = await backend.feed(chunk)
      cache.append(chunk)
    }
    for (const token of answer) {
      await backend.feed([token])
      if (isBatchInvariant) cache.append([token])
    }
    return { logits: [...logits], reused, from }
  }
  return { backend, cache, ask }
}

const run = (length: number, seed: number) => Array.from({ length }, (_, i) => (i * 7 + seed * 13) % 97)
const system = run(48, 1)

describe.each([true, false])('PrefixCache, batch-invariant: %s', (isBatchInvariant) => {
  const whole = (length: number) => (isBatchInvariant ? length : length - (length % CHUNK))

  it('gives the logits of a run without it, and never reuses less than it could, over random conversations', async () => {
    const random = new Random(3)
    const pick = (count: number) => Math.floor(random.next() * count)
    const { ask, backend, cache } = setUp({ isBatchInvariant })
    const seen: number[][] = []
    const conversations = [0, 1, 2, 3].map((i) => [...(i < 3 ? system : run(20, 9)), ...run(5 + i, i)])
    for (let step = 0; step < 300; step++) {
      const which = pick(conversations.length)
      let prompt = conversations[which]!
      if (pick(4) === 0) prompt = prompt.slice(0, 1 + pick(prompt.length))
      prompt = [...prompt, ...run(pick(30), pick(5))]
      const answer = run(pick(20), pick(50))
      const got = await ask(prompt, which < 3 ? system.length : 0, answer)
      expect(got.logits).toEqual((await setUp({ isBatchInvariant, isOn: false }).ask(prompt)).logits)
      // What could be reused of the text before: all of it that was fed in whole runs.
      const before = seen.at(-1) ?? []
      expect(got.reused).toBeGreaterThanOrEqual(whole(Math.min(commonLength(before, prompt), prompt.length - 1)))
      expect(got.reused).toBeLessThan(prompt.length)
      seen.push(isBatchInvariant ? [...prompt, ...answer] : prompt.slice(0, whole(prompt.length)))
      conversations[which] = prompt.length > 200 ? [...system, ...run(9, step)] : [...prompt, ...answer]
    }
    expect(cache.size).toBeGreaterThan(3)
    expect(backend.held).toBe(cache.size)
  })

  it('goes on with a conversation after others, and begins new ones behind the system prompt', async () => {
    const { ask } = setUp({ isBatchInvariant })
    const [one, other] = [[...system, ...run(40, 2)], [...system, ...run(72, 3)]]
    expect((await ask(one, 48)).reused).toBe(0)
    expect((await ask(other, 48)).reused).toBe(48)
    expect((await ask(run(90, 4))).reused).toBe(0)
    expect(await ask([...one, ...run(30, 5)], 48)).toMatchObject({ reused: 88, from: 'memory' })
    expect((await ask([...other, 5], 48)).reused).toBe(120)
    expect((await ask([...system, ...run(3, 6)], 48)).reused).toBe(48)
  })

  it('keeps to its budget, and the beginning of many conversations longest', async () => {
    const budget = 2500
    const { ask, cache, backend } = setUp({ isBatchInvariant, memoryBytes: budget })
    for (let i = 0; i < 20; i++) {
      const { reused } = await ask([...system, ...run(80, 20 + i)], 48)
      expect(reused).toBe(i === 0 ? 0 : 48)
      expect(cache.bytes).toBeLessThanOrEqual(budget)
      expect(backend.held).toBe(cache.size)
    }
    expect(cache.size).toBe(2)
    expect((await ask([...system, ...run(80, 38), 1], 48)).reused).toBe(128)
    expect((await ask([...system, ...run(80, 25), 1], 48)).reused).toBe(48)
    cache.clear()
    expect([cache.size, cache.bytes, backend.held]).toEqual([0, 0, 0])
  })

  it('reuses the present conversation only where it has no memory for others', async () => {
    const { ask, backend } = setUp({ isBatchInvariant, memoryBytes: 0 })
    const one = [...system, ...run(40, 2)]
    await ask(one, 48)
    expect((await ask([...one, 1], 48)).reused).toBe(88)
    expect((await ask([...system, ...run(20, 7)], 48)).reused).toBe(48)
    expect((await ask(one, 48)).reused).toBe(48)
    expect(backend.taken).toEqual([])
  })

  it('computes everything where it is off', async () => {
    const { ask, backend } = setUp({ isBatchInvariant, isOn: false })
    for (let i = 0; i < 3; i++) expect(await ask([...system, i], 48)).toMatchObject({ reused: 0, from: undefined })
    expect(backend.taken).toEqual([])
  })

  it('takes in what was stored, once as such', async () => {
    const first = setUp({ isBatchInvariant })
    await first.ask([...system, 1, 2], 48)
    const image = Buffer.concat(first.cache.image(system)!)
    expect(first.cache.image([...system, 1, 3])).toBeUndefined()
    const { ask, cache, backend } = setUp({ isBatchInvariant })
    expect(cache.covers(system)).toBe(false)
    cache.add(system, backend.snapshots.fromImage(image, 48)!, 'storage')
    expect(cache.covers(system)).toBe(true)
    const prompt = [...system, ...run(10, 2)]
    const got = await ask(prompt, 48)
    expect(got).toMatchObject({ reused: 48, from: 'storage' })
    expect(got.logits).toEqual((await first.ask(prompt, 48)).logits)
    expect(await ask([...system, 3], 48)).toMatchObject({ reused: 48, from: 'memory' })
  })

  it('gives up snapshots when memory is short, the oldest first, until there are none', async () => {
    const { ask, cache, backend } = setUp({ isBatchInvariant })
    for (let i = 0; i < 4; i++) await ask(run(40, i))
    expect(cache.size).toBe(3)
    expect([0, 1, 2, 3].map(() => backend.snapshots.reclaim?.())).toEqual([true, true, true, false])
    expect(cache.size).toBe(0)
    expect((await ask(run(40, 3))).reused).toBe(whole(39))
  })
})
