import { LLMError } from '../errors/index.js'
import type { CoreExports } from './CoreModule.js'
import type { CoreMemory } from './CoreMemory.js'

// `core/pick.ts`
const NOT_A_NUMBER = -1
const NOTHING_ALLOWED = -2

/** The likeliest tokens, likeliest first, the lower id first among equals. */
export interface TopTokens {
  ids: number[]
  logits: number[]
}

/**
 * The logits of the last feed, in the core's memory, and what can be asked of them there, so that
 * they need not cross to JavaScript. A mask is a grammar's bitmask: `ceil(vocab / 32)` words, token i
 * in bit `i & 31` of word `i >> 5`, set where it is allowed.
 */
export class Logits {
  readonly #core: CoreExports
  readonly #memory: CoreMemory
  readonly #vocab: number
  #address = 0
  #capacity = 0
  #mask = 0
  #top = { address: 0, capacity: 0 }

  constructor(core: CoreExports, memory: CoreMemory, vocab: number) {
    this.#core = core
    this.#memory = memory
    this.#vocab = vocab
  }

  /** Where rows go. */
  get address(): number {
    return this.#address
  }

  /** Makes room for so many rows. @throws LLMError `out-of-memory` */
  reserve(rows: number): void {
    if (rows <= this.#capacity) return
    this.#address = this.#memory.allocate(4 * rows * this.#vocab, 64)
    this.#capacity = rows
  }

  /** The first `rows` rows: valid until the memory grows or tokens are fed. */
  view(rows: number): Float32Array {
    return this.#memory.floats(this.#address, rows * this.#vocab)
  }

  /**
   * The likeliest token, the lowest id among equals; undefined where none is allowed.
   * @throws LLMError `session-failed` for NaN
   */
  argmax(row = 0, mask?: Int32Array): number | undefined {
    const id = this.#core.argmax(this.#row(row), this.#vocab, this.#put(mask))
    if (id === NOT_A_NUMBER) throw notANumber()
    return id === NOTHING_ALLOWED ? undefined : id
  }

  /**
   * The likeliest tokens: `most`, or fewer where fewer are allowed.
   * @throws LLMError `session-failed` for NaN
   */
  top(most: number, row = 0, mask?: Int32Array): TopTokens {
    if (most > this.#top.capacity) this.#top = { address: this.#memory.allocate(8 * most), capacity: most }
    const { address: ids } = this.#top
    const logits = ids + 4 * most
    const count = this.#core.topK(this.#row(row), this.#vocab, most, this.#put(mask), ids, logits)
    if (count === NOT_A_NUMBER) throw notANumber()
    return { ids: Array.from(this.#memory.integers(ids, count)), logits: Array.from(this.#memory.floats(logits, count)) }
  }

  /** Sets the logits that a mask forbids to −∞. */
  mask(mask: Int32Array, row = 0): void {
    this.#core.maskLogits(this.#row(row), this.#vocab, this.#put(mask))
  }

  /** log Σ exp(logit): a token's log-probability is its logit less this. NaN where a logit is. */
  logSumExp(row = 0): number {
    return this.#core.logSumExp(this.#row(row), this.#vocab)
  }

  #row(row: number): number {
    if (!(row >= 0 && row < this.#capacity)) throw new RangeError(`There is no row ${row} of logits`)
    return this.#address + 4 * row * this.#vocab
  }

  #put(mask: Int32Array | undefined): number {
    if (!mask) return 0
    const words = Math.ceil(this.#vocab / 32)
    if (mask.length < words) throw new RangeError(`A mask of ${this.#vocab} tokens has ${words} words, not ${mask.length}`)
    this.#mask ||= this.#memory.allocate(4 * words)
    this.#memory.integers(this.#mask, words).set(mask.length === words ? mask : mask.subarray(0, words))
    return this.#mask
  }
}

function notANumber(): LLMError {
  return new LLMError({
    code: 'session-failed',
    message: 'The model gives values that are no numbers. Its weights are damaged: download or convert it again.',
  })
}
