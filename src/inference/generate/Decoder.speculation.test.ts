import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Guide } from '../constrain/Guide.js'
import { Random } from '../sampling/Random.js'
import { Sampler } from '../sampling/Sampler.js'
import type { SamplingOptions } from '../types.js'
import type { AbortProbe } from './AbortProbe.js'
import { Decoder, type DecoderOptions } from './Decoder.js'
import type { DecoderBackend } from './DecoderBackend.js'

let clock = 0
beforeEach(() => {
  clock = 0
  vi.spyOn(performance, 'now').mockImplementation(() => clock)
})
afterEach(() => vi.restoreAllMocks())

/**
 * A model that looks at the last two tokens: it falls into cycles, so that what it writes was written before. A run
 * takes as long as its `cost` says.
 */
class CyclingBackend implements DecoderBackend {
  readonly memoryBytes = undefined
  readonly isBatchInvariant = true
  readonly maxRows = 8
  /** How long the cache was after each run. */
  readonly lengths: number[] = []
  readonly cache: number[] = []

  constructor(readonly vocabSize = 13, readonly cost = (_tokens: number): number => 1) {}

  get length() {
    return this.cache.length
  }

  feed(tokens: readonly number[]) {
    return this.feedAll(tokens, 1)
  }

  feedAll(tokens: readonly number[], rows: number) {
    clock += this.cost(tokens.length)
    const logits = new Float32Array(rows * this.vocabSize)
    for (const [i, token] of tokens.entries()) {
      this.cache.push(token)
      const row = i - (tokens.length - rows)
      if (row >= 0) logits.set(this.logitsAfter(this.cache.at(-2) ?? 0, token), row * this.vocabSize)
    }
    this.lengths.push(this.length)
    return Promise.resolve(logits)
  }

  logitsAfter(before: number, last: number) {
    const random = new Random(before * 1009 + last)
    return Float32Array.from({ length: this.vocabSize }, () => 6 * random.next())
  }

  truncate(length: number) {
    this.cache.length = length
    return Promise.resolve()
  }

  dispose() {
    return Promise.resolve()
  }
}

interface Ask extends SamplingOptions {
  count?: number
  maxTokens?: number
  probe?: AbortProbe
  guide?: Guide
  onToken?: (id: number, ids: readonly number[]) => boolean
}

async function decode(decoder: Decoder, prompt: readonly number[], ask: Ask = {}) {
  const { count = 60, maxTokens, probe = { check: () => false }, guide, onToken = (_id, ids) => ids.length < count, ...sampling } = ask
  const sampler = new Sampler(decoder.backend.vocabSize)
  sampler.start(sampling, prompt)
  const ids: number[] = []
  const counts = { forwardPasses: 0, draftedTokens: 0, acceptedTokens: 0 }
  const outcome = await decoder.decode({
    ...{ prompt, sampler, guide, probe, counts },
    ...(maxTokens !== undefined && { maxTokens }),
    onPrefill: () => undefined,
    onToken(id) {
      ids.push(id)
      return onToken(id, ids)
    },
  })
  return { ids, outcome, counts }
}

function setUp(options: DecoderOptions = {}, backend = new CyclingBackend()) {
  return { backend, decoder: new Decoder(backend, { prefillChunk: 8, ...options }) }
}

const prompt = (length: number, seed = 1) => Array.from({ length }, (_, i) => (i * i * 7 + seed) % 13)

describe('the tokens', () => {
  it('are the same as without drafts, in fewer runs', async () => {
    const { decoder } = setUp()
    const { decoder: plain } = setUp({ speculation: false })
    let [runs, tokens] = [0, 0]
    for (let seed = 0; seed < 30; seed++) {
      const [one, other] = [await decode(decoder, prompt(20, seed)), await decode(plain, prompt(20, seed))]
      expect(one.ids).toEqual(other.ids)
      expect(other.counts).toEqual({ forwardPasses: 59, draftedTokens: 0, acceptedTokens: 0 })
      runs += one.counts.forwardPasses
      tokens += one.ids.length
    }
    expect(runs).toBeLessThan(tokens / 2)
  })

  it.each<[string, SamplingOptions]>([
    ['temperature', { temperature: 0.4 }],
    ['top-k and top-p', { temperature: 0.7, topK: 6, topP: 0.9 }],
    ['a repetition penalty', { repetitionPenalty: 1.2 }],
    ['both', { temperature: 0.5, minP: 0.05, repetitionPenalty: 1.05 }],
  ])('are the same with a seed and %s', async (_name, sampling) => {
    const { decoder } = setUp()
    const { decoder: plain } = setUp({ speculation: false })
    let drafted = 0
    for (let seed = 0; seed < 40; seed++) {
      const one = await decode(decoder, prompt(20, seed), { ...sampling, seed })
      expect(one.ids).toEqual((await decode(plain, prompt(20, seed), { ...sampling, seed })).ids)
      drafted += one.counts.draftedTokens
    }
    expect(drafted).toBeGreaterThan(0)
  })

  it('are drawn from the model’s own distribution', async () => {
    const backend = new CyclingBackend(4)
    const { decoder } = setUp({}, backend)
    const start = [1, 2, 1, 2, 1, 2, 1, 2]
    const rounds = 6000
    const seen = new Map<string, number>()
    let drafted = 0
    for (let seed = 0; seed < rounds; seed++) {
      const { ids, counts } = await decode(decoder, start, { temperature: 1.5, seed, count: 3 })
      seen.set(ids.join(' '), (seen.get(ids.join(' ')) ?? 0) + 1)
      drafted += counts.draftedTokens
    }
    expect(drafted).toBeGreaterThan(rounds / 4)
    const likely = (before: number, last: number) => {
      const weights = [...backend.logitsAfter(before, last)].map((logit) => Math.exp(logit / 1.5))
      return weights.map((weight) => weight / weights.reduce((sum, each) => sum + each, 0))
    }
    let chiSquare = 0
    for (let text = 0; text < 64; text++) {
      const [a, b, c] = [text >> 4, (text >> 2) & 3, text & 3] as const
      const expected = rounds * likely(1, 2)[a]! * likely(2, a)[b]! * likely(a, b)[c]!
      chiSquare += ((seen.get(`${a} ${b} ${c}`) ?? 0) - expected) ** 2 / expected
    }
    // 63 degrees of freedom: exceeded once in a thousand times.
    expect(chiSquare).toBeLessThan(103.4)
  })
})

describe('an end inside of a draft', () => {
  it.each([1, 2, 7, 23, 24, 25, 26, 41])('comes after %i tokens, and nothing behind it is in the cache', async (count) => {
    const { decoder, backend } = setUp()
    const { decoder: plain } = setUp({ speculation: false })
    await decode(decoder, prompt(20))
    const one = await decode(decoder, prompt(20), { count })
    expect(one.ids).toEqual((await decode(plain, prompt(20), { count })).ids)
    // The last token is not fed, since nothing comes behind it.
    expect(backend.cache).toEqual([...prompt(20), ...one.ids.slice(0, -1)])
  })

  it('comes at a stop that only the text shows', async () => {
    const { decoder, backend } = setUp()
    const { decoder: plain } = setUp({ speculation: false })
    const onToken = (_id: number, ids: readonly number[]) => ids.length < 30 || ids.at(-1)! % 5 !== 0
    const one = await decode(decoder, prompt(20), { onToken })
    expect(one.ids).toEqual((await decode(plain, prompt(20), { onToken })).ids)
    expect(backend.cache).toEqual([...prompt(20), ...one.ids.slice(0, -1)])
  })

  it('is not passed by drafts: no run goes beyond the tokens there is room for', async () => {
    const { decoder, backend } = setUp()
    for (const maxTokens of [60, 59, 58, 40, 39, 3, 2, 1]) {
      backend.lengths.length = 0
      await decode(decoder, prompt(20), { maxTokens, count: maxTokens })
      expect(Math.max(20, ...backend.lengths)).toBe(20 + maxTokens - 1)
    }
  })
})

describe('an abort', () => {
  it('ends between two runs, with the cache as if nothing had been drafted', async () => {
    const { decoder, backend } = setUp()
    await decode(decoder, prompt(20))
    let checks = 0
    const aborted = await decode(decoder, prompt(20), { probe: { check: () => ++checks > 12 } })
    expect(aborted.outcome).toBe('aborted')
    expect(backend.cache).toEqual([...prompt(20), ...aborted.ids].slice(0, backend.length))
    const { decoder: fresh } = setUp({ speculation: false })
    expect((await decode(decoder, prompt(20))).ids).toEqual((await decode(fresh, prompt(20))).ids)
  })
})

describe('prefix reuse', () => {
  it('goes on from what was drafted and came true', async () => {
    const { decoder, backend } = setUp()
    const { decoder: plain } = setUp({ speculation: false, reusePrefix: false })
    let conversation = prompt(20)
    for (let turn = 0; turn < 6; turn++) {
      const [one, other] = [await decode(decoder, conversation), await decode(plain, conversation)]
      expect(one.ids).toEqual(other.ids)
      expect(backend.length).toBe(conversation.length + one.ids.length - 1)
      conversation = [...conversation, ...one.ids, ...prompt(5, turn)]
    }
  })
})

describe('what it costs', () => {
  const millisecondsOf = async (options: DecoderOptions, cost: (tokens: number) => number, temperature: number) => {
    const { decoder } = setUp(options, new CyclingBackend(13, cost))
    let spent = 0
    for (let seed = 0; seed < 20; seed++) {
      await decode(decoder, prompt(20, seed), { count: 1 })
      const began = clock
      await decode(decoder, prompt(20, seed), { count: 100, temperature, seed })
      spent += clock - began
    }
    return spent
  }

  it.each([
    ['on a GPU, where a run is a run', () => 9, 0, 3],
    ['on a CPU, where half of the work is the tokens’', (tokens: number) => 6 + 6 * tokens, 0, 1.3],
  ])('falls where the text repeats itself, %s', async (_name, cost, temperature, atLeast) => {
    const [drafted, plain] = [await millisecondsOf({}, cost, temperature), await millisecondsOf({ speculation: false }, cost, temperature)]
    expect(plain / drafted).toBeGreaterThan(atLeast)
  })

  it.each([
    ['text does not repeat itself', (tokens: number) => 6 + 6 * tokens, 3],
    ['runs cost what their tokens cost', (tokens: number) => 12 * tokens, 0],
    ['runs of several tokens are slow', (tokens: number) => (tokens === 1 ? 3 : 8 * tokens), 0],
  ])('hardly rises where %s', async (_name, cost, temperature) => {
    const [drafted, plain] = [await millisecondsOf({}, cost, temperature), await millisecondsOf({ speculation: false }, cost, temperature)]
    expect(plain / drafted).toBeGreaterThan(0.97)
  })
})

it('drafts nothing on a backend that gives one row of logits', async () => {
  const { decoder, backend } = setUp({}, Object.assign(new CyclingBackend(), { feedAll: undefined, feed: feedOne }))
  const { counts } = await decode(decoder, prompt(20))
  expect(counts).toEqual({ forwardPasses: 59, draftedTokens: 0, acceptedTokens: 0 })
  expect(backend.length).toBe(79)
})

function feedOne(this: CyclingBackend, tokens: readonly number[]) {
  return CyclingBackend.prototype.feedAll.call(this, tokens, 1)
}
