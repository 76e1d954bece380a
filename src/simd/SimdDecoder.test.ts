import { beforeAll, describe, expect, it } from 'vitest'
import { compileCore, families, openFixture, planOf, readFixture, type Fixture } from '../../test/helpers/simd/openFixture.js'
import { CoreMemory, SimdDecoder, type CoreModule, type Sequence } from './index.js'

let core: CoreModule
beforeAll(async () => {
  core = await compileCore()
}, 120_000)

const open = (fixture: Fixture, maxTokens?: number) => openFixture(fixture, { core, maxTokens })

/** Feeds chunks, asking for all logits; one array `[tokens, vocab]`. */
function feedInChunks(decoder: SimdDecoder, sequence: Sequence, tokens: readonly number[], chunk: number): Float32Array {
  const parts: number[] = []
  for (let start = 0; start < tokens.length; start += chunk) {
    const part = tokens.slice(start, start + chunk)
    for (const logit of decoder.feed(sequence, part, { logits: part.length })) parts.push(logit)
  }
  return Float32Array.from(parts)
}

/** Mean Kullback–Leibler divergence from `expected` in nats, and how many tokens agree on the likeliest. */
function compare(actual: Float32Array, expected: Float32Array, vocab: number): { divergence: number; agreeing: number } {
  const rows = expected.length / vocab
  let divergence = 0
  let agreeing = 0
  for (let row = 0; row < rows; row++) {
    const [a, e] = [actual, expected].map((all) => Array.from(all.subarray(row * vocab, (row + 1) * vocab))) as [number[], number[]]
    const logSum = (x: number[]) => Math.log(x.reduce((sum, logit) => sum + Math.exp(logit), 0))
    const [sumA, sumE] = [logSum(a), logSum(e)]
    divergence += e.reduce((sum, logit, i) => sum + Math.exp(logit - sumE) * (logit - sumE - (a[i]! - sumA)), 0) / rows
    if (a.indexOf(Math.max(...a)) === e.indexOf(Math.max(...e))) agreeing++
  }
  return { divergence, agreeing }
}

describe.each(families)('%s', (family) => {
  const fixture = readFixture(family)

  it('gives the logits of fp32 arithmetic, as far as 12-bit activations can', async () => {
    const decoder = await open(fixture)
    const { vocab } = decoder.plan
    const logits = decoder.feed(decoder.sequence(), fixture.tokens, { logits: fixture.tokens.length })
    const { divergence, agreeing } = compare(logits, fixture.logits, vocab)
    // Random weights give flat, loud logits, where two may be as good as the same. With 8 bits the divergence is 100 times as much, with values of 8 bits 10 times; a wrong operator gives 1 and more.
    expect(divergence).toBeLessThan(6e-5)
    expect(agreeing).toBeGreaterThanOrEqual(fixture.tokens.length - 1)
  })

  it('gives the same bits at once, in chunks and one by one', async () => {
    const tokens = Array.from({ length: 90 }, (_, i) => (i * i * 7 + 3 * i) % 256)
    const decoder = await open(fixture, 90)
    const whole = feedInChunks(decoder, decoder.sequence(), tokens, 90)
    for (const chunk of [1, 7, 32, 64]) expect(feedInChunks(decoder, decoder.sequence(), tokens, chunk)).toEqual(whole)
    const narrow = await open(fixture, 16)
    const { vocab } = decoder.plan
    expect(narrow.feed(narrow.sequence(), tokens)).toEqual(whole.subarray(-vocab))
    expect(narrow.feed(narrow.sequence(), tokens, { logits: 16 })).toEqual(whole.subarray(-16 * vocab))
  })
})

describe('sequences', () => {
  const fixture = readFixture('llama')
  const tokens = (count: number, seed = 1) => Array.from({ length: count }, (_, i) => (i * i * seed + 5 * i) % 256)

  it('are what they would be alone after forks, cuts and writes to either side', async () => {
    const decoder = await open(fixture)
    const alone = (text: number[]) => decoder.feed(decoder.sequence(), text).slice()
    const first = decoder.sequence()
    decoder.feed(first, tokens(50))
    const fork = first.fork()
    expect(decoder.feed(fork, tokens(20, 3)).slice()).toEqual(alone([...tokens(50), ...tokens(20, 3)]))
    expect(decoder.feed(first, tokens(30, 4)).slice()).toEqual(alone([...tokens(50), ...tokens(30, 4)]))
    first.truncate(41)
    expect(first.length).toBe(41)
    expect(decoder.feed(first, [9]).slice()).toEqual(alone([...tokens(50).slice(0, 41), 9]))
    expect(decoder.feed(fork, [9]).slice()).toEqual(alone([...tokens(50), ...tokens(20, 3), 9]))
  })

  it('stay as they were when a feed is given up or fails', async () => {
    const decoder = await open(fixture, 8)
    const sequence = decoder.sequence()
    decoder.feed(sequence, tokens(10))
    const steps = decoder.feedInSteps(sequence, tokens(40))
    for (let i = 0; i < 7; i++) expect(steps.next().done).toBe(false)
    steps.return(new Float32Array(0))
    expect(sequence.length).toBe(10)
    expect(() => decoder.feed(sequence, [1, 260])).toThrow(expect.objectContaining({ code: 'invalid-request' }))
    expect(() => decoder.feed(sequence, [])).toThrow(expect.objectContaining({ code: 'invalid-request' }))
    expect(() => decoder.feed(sequence, tokens(decoder.plan.context - 9))).toThrow(expect.objectContaining({ code: 'context-overflow' }))
    const after = decoder.feed(sequence, [7]).slice()
    expect(after).toEqual(decoder.feed(decoder.sequence(), [...tokens(10), 7]))
  })
})

describe('logits', () => {
  it('can be asked for the likeliest tokens where they are', async () => {
    const fixture = readFixture('granite')
    const decoder = await open(fixture)
    const rows = decoder.feed(decoder.sequence(), fixture.tokens, { logits: 3 }).slice()
    const { vocab } = decoder.plan
    for (let row = 0; row < 3; row++) {
      const logits = Array.from(rows.subarray(row * vocab, (row + 1) * vocab))
      const order = logits.map((_, id) => id).sort((a, b) => logits[b]! - logits[a]! || a - b)
      expect(decoder.logits.argmax(row)).toBe(order[0])
      expect(decoder.logits.top(5, row)).toEqual({ ids: order.slice(0, 5), logits: order.slice(0, 5).map((id) => logits[id]) })
      const odd = new Int32Array(Math.ceil(vocab / 32)).fill(0xaaaaaaaa | 0)
      const oddOrder = order.filter((id) => id % 2 === 1)
      expect(decoder.logits.argmax(row, odd)).toBe(oddOrder[0])
      expect(decoder.logits.top(300, row, odd).ids).toEqual(oddOrder)
      expect(decoder.logits.argmax(row, new Int32Array(9))).toBeUndefined()
      expect(decoder.logits.logSumExp(row)).toBeCloseTo(Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0)), 5)
      decoder.logits.mask(odd, row)
      expect(decoder.logits.argmax(row)).toBe(oddOrder[0])
    }
    expect(() => decoder.logits.argmax(3)).toThrow(RangeError)
    expect(() => decoder.logits.argmax(0, new Int32Array(8))).toThrow(RangeError)
    decoder.logits.view(1)[100] = Number.NaN
    expect(() => decoder.logits.argmax(0)).toThrow(expect.objectContaining({ code: 'session-failed' }))
  })
})

describe('memory', () => {
  const fixture = readFixture('qwen3')
  const text = Array.from({ length: 200 }, (_, i) => (i * 11) % 256)

  it('is used again after a sequence ends', async () => {
    const decoder = await open(fixture)
    const run = () => {
      const sequence = decoder.sequence()
      decoder.feed(sequence, text)
      sequence.dispose()
    }
    run()
    const before = decoder.memoryBytes
    for (let i = 0; i < 5; i++) run()
    expect(decoder.memoryBytes).toBe(before)
  })

  it('that cannot grow is a typed error, and what fits goes on working', async () => {
    const size = fixture.graph.bytes.length
    const memory = new CoreMemory({ maximumBytes: size + 3 * 2 ** 20 })
    const address = memory.allocate(size)
    memory.bytes().set(fixture.graph.bytes, address)
    const decoder = await SimdDecoder.create({ core, memory, plan: planOf(fixture), files: [address] })
    const held: Sequence[] = []
    const fill = () => {
      for (;;) {
        const sequence = decoder.sequence()
        held.push(sequence)
        decoder.feed(sequence, text)
      }
    }
    expect(fill).toThrow(expect.objectContaining({ code: 'out-of-memory' }))
    expect(held.length).toBeGreaterThan(1)
    expect(held.at(-1)?.length).toBe(0)
    held.pop()!.dispose()
    held.pop()!.dispose()
    const roomy = await open(fixture)
    expect(decoder.feed(decoder.sequence(), text)).toEqual(roomy.feed(roomy.sequence(), text))
  })

  it('can be shared: the same binary, the same bits', async () => {
    const shared = await openFixture(fixture, { shared: true, maximumBytes: 2 ** 26 })
    expect(shared.memory.memory.buffer).toBeInstanceOf(SharedArrayBuffer)
    const own = await open(fixture)
    const logits = shared.feed(shared.sequence(), text)
    expect(Array.from(logits)).toEqual(Array.from(own.feed(own.sequence(), text)))
  })
})
