import type { DecoderBackend } from '../../src/inference/generate/DecoderBackend.js'
import { Random } from '../../src/inference/sampling/Random.js'

/** What a model wants to write next, after `fed` tokens: logits by token id; all others are small and random. */
export type Wish = (fed: readonly number[]) => Iterable<readonly [id: number, logit: number]>

/** A model without weights: what it wants is told by a function, the rest is noise that depends on what it was fed. */
export class ScriptedBackend implements DecoderBackend {
  readonly vocabSize: number
  readonly memoryBytes = undefined
  readonly isBatchInvariant = false
  readonly maxRows: number
  /** Tokens of every run. */
  readonly runs: number[][] = []
  readonly #wish: Wish
  readonly #noise: Float32Array
  #fed: number[] = []

  /** @param maxRows of logits that a run gives, so that drafts can be verified. Default 1: there are none. */
  constructor(vocabSize: number, wish: Wish, maxRows = 1) {
    this.maxRows = maxRows
    this.vocabSize = vocabSize
    this.#wish = wish
    const random = new Random(5)
    this.#noise = Float32Array.from({ length: vocabSize }, () => random.next())
  }

  get length(): number {
    return this.#fed.length
  }

  feed(tokens: readonly number[]): Promise<Float32Array> {
    return this.feedAll(tokens, 1)
  }

  feedAll(tokens: readonly number[], rows: number): Promise<Float32Array> {
    this.runs.push([...tokens])
    const all = new Float32Array(rows * this.vocabSize)
    for (const [i, id] of tokens.entries()) {
      this.#fed.push(id)
      const row = i - (tokens.length - rows)
      if (row >= 0) all.set(this.#logits(), row * this.vocabSize)
    }
    return Promise.resolve(all)
  }

  #logits(): Float32Array {
    const shift = this.#fed.reduce((hash, id) => (hash * 31 + id) % 1_000_003, 7) % this.vocabSize
    const logits = new Float32Array(this.vocabSize)
    logits.set(this.#noise.subarray(shift))
    logits.set(this.#noise.subarray(0, shift), this.vocabSize - shift)
    for (const [id, logit] of this.#wish(this.#fed)) logits[id] = logit
    return logits
  }

  truncate(length: number): Promise<void> {
    this.#fed.length = length
    return Promise.resolve()
  }

  dispose(): Promise<void> {
    return Promise.resolve()
  }
}
