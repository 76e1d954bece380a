import { describe, expect, it } from 'vitest'
import { Sampler } from '../sampling/Sampler.js'
import type { AbortProbe } from './AbortProbe.js'
import { MessageProbe, SharedFlagProbe } from './AbortProbe.js'
import { Decoder, type DecoderOptions } from './Decoder.js'
import type { DecoderBackend } from './DecoderBackend.js'

const vocabSize = 97

/**
 * A backend whose logits depend on every token in its cache and, unless it is batch-invariant, on how
 * prefill was cut into runs, as quantized kernels make it. Wrong reuse shows in the output.
 */
class HashBackend implements DecoderBackend {
  readonly vocabSize = vocabSize
  readonly memoryBytes = undefined
  readonly runs: number[][] = []
  #cache: number[] = []

  constructor(readonly isBatchInvariant = false) {}

  get length() {
    return this.#cache.length
  }

  feed(tokens: readonly number[]) {
    this.runs.push([...tokens])
    for (const token of tokens) this.#cache.push(token * 1000 + (this.isBatchInvariant ? 0 : tokens.length))
    const hash = this.#cache.reduce((sum, value, i) => (sum * 31 + value * (i + 1)) % 1_000_003, 7)
    return Promise.resolve(Float32Array.from({ length: vocabSize }, (_, id) => (hash * (id + 13)) % 101))
  }

  truncate(length: number) {
    this.#cache.length = length
    return Promise.resolve()
  }

  dispose() {
    return Promise.resolve()
  }
}

const never: AbortProbe = { check: () => false }

async function decode(decoder: Decoder, prompt: number[], count = 12, probe = never) {
  const sampler = new Sampler(vocabSize)
  sampler.start({}, prompt)
  const ids: number[] = []
  let reused = -1
  const outcome = await decoder.decode({
    prompt,
    sampler,
    probe,
    onPrefill: (tokens) => (reused = tokens),
    onToken: (id) => ids.push(id) < count,
  })
  return { ids, reused, outcome }
}

function setUp(options: DecoderOptions = {}, isBatchInvariant = false) {
  const backend = new HashBackend(isBatchInvariant)
  return { backend, decoder: new Decoder(backend, { prefillChunk: 8, ...options }) }
}

const prompt = (length: number, seed = 1) => Array.from({ length }, (_, i) => (i * 7 + seed) % vocabSize)

describe('prefill', () => {
  it('runs in fixed chunks', async () => {
    const { backend, decoder } = setUp()
    await decode(decoder, prompt(20), 1)
    expect(backend.runs.map((run) => run.length)).toEqual([8, 8, 4])
    expect(backend.runs.flat()).toEqual(prompt(20))
  })
})

describe('prefix reuse', () => {
  it('gives the same output as without, over a growing conversation', async () => {
    const { decoder } = setUp()
    const { decoder: plain } = setUp({ reusePrefix: false })
    let conversation = prompt(21)
    for (let turn = 0; turn < 6; turn++) {
      const [one, other] = [await decode(decoder, conversation), await decode(plain, conversation)]
      expect(one.ids).toEqual(other.ids)
      expect(other.reused).toBe(0)
      if (turn > 0) expect(one.reused).toBeGreaterThan(0)
      conversation = [...conversation, ...one.ids, ...prompt(5, turn)]
    }
  })

  it('reuses all that was fed, the answer too, where it does not matter what runs together', async () => {
    const { decoder, backend } = setUp({}, true)
    const { decoder: plain } = setUp({ reusePrefix: false }, true)
    let conversation = prompt(21)
    for (let turn = 0; turn < 6; turn++) {
      const fed = backend.length
      const [one, other] = [await decode(decoder, conversation), await decode(plain, conversation)]
      expect(one.ids).toEqual(other.ids)
      expect(one.reused).toBe(fed)
      conversation = [...conversation, ...one.ids, ...prompt(5, turn)]
    }
    expect((await decode(decoder, conversation.slice(0, 30))).reused).toBe(29)
  })

  it('gives the same output after a changed beginning, a shorter prompt and the same prompt', async () => {
    const { decoder } = setUp()
    for (const next of [prompt(30), prompt(30, 2), prompt(10, 2), prompt(10, 2), prompt(8, 2), [5]]) {
      const { decoder: fresh } = setUp()
      expect((await decode(decoder, next)).ids).toEqual((await decode(fresh, next)).ids)
    }
  })

  it('gives the same output after an abort in the middle of prefill', async () => {
    const { backend, decoder } = setUp()
    let checks = 0
    const aborted = await decode(decoder, prompt(40), 5, { check: () => ++checks > 2 })
    expect(aborted).toMatchObject({ outcome: 'aborted', ids: [] })
    expect(backend.length).toBe(16)
    const { decoder: fresh } = setUp()
    const resumed = await decode(decoder, prompt(40))
    expect(resumed.reused).toBe(16)
    expect(resumed.ids).toEqual((await decode(fresh, prompt(40))).ids)
  })
})

describe('abort', () => {
  it('ends between two tokens by a shared flag', async () => {
    const { decoder } = setUp()
    const flag = new SharedArrayBuffer(4)
    let count = 0
    const sampler = new Sampler(vocabSize)
    sampler.start({}, [])
    const outcome = await decoder.decode({
      prompt: prompt(4),
      sampler,
      probe: new SharedFlagProbe(flag),
      onPrefill: () => undefined,
      onToken: () => {
        if (++count === 3) Atomics.store(new Int32Array(flag), 0, 1)
        return true
      },
    })
    expect([outcome, count]).toEqual(['aborted', 3])
  })

  it('ends inside of a prefill run where the backend can, and goes on from before it', async () => {
    const { backend, decoder } = setUp({}, true)
    const feed = backend.feed.bind(backend)
    backend.feed = async (tokens: readonly number[], probe?: AbortProbe) =>
      backend.length === 8 && (await probe?.check()) ? (undefined as never) : feed(tokens)
    let checks = 0
    const aborted = await decode(decoder, prompt(20), 5, { check: () => ++checks > 2 })
    expect([aborted.outcome, backend.length]).toEqual(['aborted', 8])
    const { decoder: fresh } = setUp({}, true)
    expect((await decode(decoder, prompt(20))).ids).toEqual((await decode(fresh, prompt(20))).ids)
  })

  it('lets messages in while the loop runs, and then ends', async () => {
    const { backend, decoder } = setUp()
    const probe = new MessageProbe()
    const abortLater = (): unknown => setTimeout(() => (backend.runs.length > 3 ? probe.abort() : abortLater()), 1)
    abortLater()
    const { outcome, ids } = await decode(decoder, prompt(4), 1_000_000, probe)
    probe.close()
    expect(outcome).toBe('aborted')
    expect(ids.length).toBeGreaterThan(0)
  })
})

it('names NaN logits for what they are', async () => {
  const { backend, decoder } = setUp()
  backend.feed = () => Promise.resolve(new Float32Array(vocabSize).fill(1).fill(Number.NaN, 40, 41))
  await expect(decode(decoder, prompt(3))).rejects.toMatchObject({ code: 'session-failed', subject: 'logits' })
})
