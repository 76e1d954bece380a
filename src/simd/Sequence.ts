import type { KVPages } from './KVPages.js'
import { PAGE_TOKENS } from './PageShape.js'

/** The keys and values of one text: a table of pages. Cutting and forking touch the table only. */
export class Sequence {
  readonly #pool: KVPages
  #pages: number[] = []
  #length = 0
  #ended = false

  /** Made by {@link KVPages.sequence}. */
  constructor(pool: KVPages) {
    this.#pool = pool
  }

  /** Tokens in it. */
  get length(): number {
    return this.#length
  }

  /** Addresses of its pages; the last ones may be empty yet. */
  get pages(): readonly number[] {
    return this.#pages
  }

  /**
   * Makes room for `count` more tokens, in pages that no other sequence sees.
   * @throws LLMError `out-of-memory`; the sequence is as before then.
   */
  reserve(count: number): void {
    this.#check()
    if (count === 0) return
    const first = Math.floor(this.#length / PAGE_TOKENS)
    const end = Math.ceil((this.#length + count) / PAGE_TOKENS)
    for (let i = first; i < Math.min(end, this.#pages.length); i++) this.#pages[i] = this.#pool.own(this.#pages[i]!)
    while (this.#pages.length < end) this.#pages.push(this.#pool.take())
  }

  /** `count` tokens were written into the room reserved. */
  advance(count: number): void {
    this.#check()
    if (this.#length + count > this.#pages.length * PAGE_TOKENS) throw new RangeError('More tokens than were reserved')
    this.#length += count
  }

  /** Cuts to the first `length` tokens; keeps what is shorter. */
  truncate(length: number): void {
    this.#check()
    this.#length = Math.min(this.#length, Math.max(0, length))
    for (const page of this.#pages.splice(Math.ceil(this.#length / PAGE_TOKENS))) this.#pool.release(page)
  }

  /** A second sequence with the same tokens. Costs no memory until one of them is written to. */
  fork(): Sequence {
    this.#check()
    const fork = new Sequence(this.#pool)
    fork.#pages = this.#pages.slice(0, Math.ceil(this.#length / PAGE_TOKENS))
    for (const page of fork.#pages) this.#pool.hold(page)
    fork.#length = this.#length
    return fork
  }

  /** Gives its pages back. It cannot be used again. */
  dispose(): void {
    if (this.#ended) return
    this.truncate(0)
    this.#ended = true
  }

  #check(): void {
    if (this.#ended) throw new Error('A sequence was used after its end.')
  }
}
