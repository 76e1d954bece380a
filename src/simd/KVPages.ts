import type { CoreMemory } from './CoreMemory.js'
import { Sequence } from './Sequence.js'

/**
 * The pool of KV pages. A page belongs to as many sequences as hold it; when none does, it is used
 * again. Memory grows with the longest context so far and is not given back.
 */
export class KVPages {
  /** Bytes of a page. */
  readonly bytes: number
  /** Asked to give up sequences when there is no memory left; false where there is nothing to give up. */
  reclaim: (() => boolean) | undefined
  readonly #memory: CoreMemory
  readonly #holders = new Map<number, number>()
  readonly #free: number[] = []

  /** @param bytes of a page; the core's `pageBytes`. */
  constructor(memory: CoreMemory, bytes: number) {
    this.#memory = memory
    this.bytes = bytes
  }

  /** Pages that sequences hold. */
  get used(): number {
    return this.#holders.size
  }

  /** An empty sequence. */
  sequence(): Sequence {
    return new Sequence(this)
  }

  /**
   * A page with one holder.
   * @returns its address.
   * @throws LLMError `out-of-memory`
   */
  take(): number {
    const page = this.#free.pop() ?? this.#allocate()
    this.#holders.set(page, 1)
    return page
  }

  /** One more sequence holds the page. */
  hold(page: number): void {
    this.#holders.set(page, this.#count(page) + 1)
  }

  /** One sequence less holds the page. */
  release(page: number): void {
    const left = this.#count(page) - 1
    if (left > 0) this.#holders.set(page, left)
    else {
      this.#holders.delete(page)
      this.#free.push(page)
    }
  }

  /**
   * The page for one who wants to write: itself where nobody else holds it, else a copy, for which it is released.
   * @throws LLMError `out-of-memory`
   */
  own(page: number): number {
    if (this.#count(page) === 1) return page
    const copy = this.take()
    this.#memory.bytes().copyWithin(copy, page, page + this.bytes)
    this.release(page)
    return copy
  }

  #allocate(): number {
    try {
      return this.#memory.allocate(this.bytes)
    } catch (error) {
      while (this.reclaim?.()) {
        const page = this.#free.pop()
        if (page !== undefined) return page
      }
      throw error
    }
  }

  #count(page: number): number {
    const count = this.#holders.get(page)
    if (count === undefined) throw new Error('A sequence was used after its end.')
    return count
  }
}
