import { PAGE_TOKENS, type KVPages, type Sequence, type SimdDecoder } from '../../../simd/index.js'
import type { KVSnapshot, KVSnapshots } from '../../prefix/KVSnapshot.js'

/** A sequence that shares its pages with those that it was forked from. */
class SimdSnapshot implements KVSnapshot {
  readonly sequence: Sequence
  readonly #pageBytes: number

  constructor(sequence: Sequence, pageBytes: number) {
    this.sequence = sequence
    this.#pageBytes = pageBytes
  }

  get length(): number {
    return this.sequence.length
  }

  *pieces(): Iterable<readonly [piece: unknown, bytes: number]> {
    for (const page of this.sequence.pages) yield [page, this.#pageBytes]
  }

  release(): void {
    this.sequence.dispose()
  }
}

/** The sequence that a decoder on the core works on, and those that are kept: tables of shared pages. */
export class SimdSnapshots implements KVSnapshots {
  readonly imageKind: string
  readonly #decoder: SimdDecoder
  #sequence: Sequence

  constructor(decoder: SimdDecoder) {
    this.#decoder = decoder
    this.#sequence = decoder.sequence()
    this.imageKind = `simd ${decoder.numericsVersion}, pages of ${PAGE_TOKENS} tokens and ${decoder.pages.bytes} bytes`
  }

  /** The one that is worked on. */
  get sequence(): Sequence {
    return this.#sequence
  }

  get reclaim(): KVPages['reclaim'] {
    return this.#decoder.pages.reclaim
  }

  set reclaim(reclaim: KVPages['reclaim']) {
    this.#decoder.pages.reclaim = reclaim
  }

  take(length: number): KVSnapshot {
    return this.#snapshot(fork(this.#sequence, length))
  }

  restore(snapshot: KVSnapshot, length: number): Promise<void> {
    const sequence = fork(own(snapshot).sequence, length)
    this.#sequence.dispose()
    this.#sequence = sequence
    return Promise.resolve()
  }

  toImage(snapshot: KVSnapshot, tokens: readonly number[]): Uint8Array[] {
    const { bytes } = this.#decoder.pages
    const inPages = tokens.length - (tokens.length % PAGE_TOKENS)
    const sequence = fork(own(snapshot).sequence, inPages)
    try {
      if (inPages < tokens.length) this.#refill(sequence, tokens.slice(inPages))
      const memory = this.#decoder.memory.bytes()
      return sequence.pages.map((page) => memory.subarray(page, page + bytes))
    } finally {
      sequence.dispose()
    }
  }

  /** Behind the tokens of its last page, a snapshot may have what followed them. Computed anew, there is nothing. */
  #refill(sequence: Sequence, rest: readonly number[]): void {
    sequence.reserve(rest.length)
    const page = sequence.pages.at(-1)!
    this.#decoder.memory.bytes().fill(0, page, page + this.#decoder.pages.bytes)
    this.#decoder.feed(sequence, rest)
  }

  fromImage(image: Uint8Array, length: number): KVSnapshot | undefined {
    const { bytes } = this.#decoder.pages
    if (image.length !== Math.ceil(length / PAGE_TOKENS) * bytes) return undefined
    const sequence = this.#decoder.sequence()
    try {
      sequence.reserve(length)
    } catch (error) {
      sequence.dispose()
      throw error
    }
    const memory = this.#decoder.memory.bytes()
    for (const [i, page] of sequence.pages.entries()) memory.set(image.subarray(i * bytes, (i + 1) * bytes), page)
    sequence.advance(length)
    return this.#snapshot(sequence)
  }

  #snapshot(sequence: Sequence): KVSnapshot {
    return new SimdSnapshot(sequence, this.#decoder.pages.bytes)
  }
}

function fork(sequence: Sequence, length: number): Sequence {
  const copy = sequence.fork()
  copy.truncate(length)
  return copy
}

function own(snapshot: KVSnapshot): SimdSnapshot {
  if (snapshot instanceof SimdSnapshot) return snapshot
  throw new TypeError('The snapshot is another backend’s.')
}
