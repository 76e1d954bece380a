import { isLLMError } from '../../../errors/index.js'
import type { KVPages, Sequence, SimdDecoder } from '../../../simd/index.js'
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
    this.imageKind = `simd ${decoder.numericsVersion}`
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

  toImage(snapshot: KVSnapshot, length: number): Uint8Array[] {
    return [...this.#decoder.images.write(own(snapshot).sequence, length)]
  }

  fromImage(image: Uint8Array, length: number): KVSnapshot | undefined {
    const sequence = this.#read(image)
    if (sequence?.length === length) return this.#snapshot(sequence)
    sequence?.dispose()
    return undefined
  }

  /** Undefined for an image of another model or version, or one that is not whole. */
  #read(image: Uint8Array): Sequence | undefined {
    const reader = this.#decoder.images.reader()
    try {
      reader.write(image)
      return reader.end()
    } catch (error) {
      if (isLLMError(error) && error.code === 'storage') return undefined
      throw error
    }
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
