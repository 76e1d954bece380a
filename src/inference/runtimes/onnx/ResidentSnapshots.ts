import type { KVSnapshot, KVSnapshots } from '../../prefix/KVSnapshot.js'
import type { GPUBufferLike } from './OrtBinding.js'
import type { ResidentKV } from './ResidentKV.js'

/** Keys and values of some tokens, copied within GPU memory. */
export class ResidentSnapshot implements KVSnapshot {
  readonly length: number
  readonly buffer: GPUBufferLike
  #isReleased = false

  constructor(buffer: GPUBufferLike, length: number) {
    this.buffer = buffer
    this.length = length
  }

  *pieces(): Iterable<readonly [piece: unknown, bytes: number]> {
    yield [this.buffer, this.buffer.size]
  }

  release(): void {
    if (!this.#isReleased) this.buffer.destroy()
    this.#isReleased = true
  }
}

/** The cache that snapshots are taken of. */
export interface ResidentCache {
  readonly kv: ResidentKV
  /** Says that the cache has this many tokens now. */
  setLength(length: number): void
}

/** Snapshots of a cache that stays in place: the cache is written to, so they are copies. */
export class ResidentSnapshots implements KVSnapshots {
  /** Set by who keeps snapshots; not asked, because browsers do not say in time that GPU memory is used up. */
  reclaim: (() => boolean) | undefined
  /** Undefined: there are no images, reading so much back costs more than a run. */
  readonly imageKind = undefined
  readonly #cache: ResidentCache

  constructor(cache: ResidentCache) {
    this.#cache = cache
  }

  take(length: number): ResidentSnapshot {
    return new ResidentSnapshot(this.#cache.kv.copyOut(length), length)
  }

  restore(snapshot: KVSnapshot, length: number): Promise<void> {
    if (!(snapshot instanceof ResidentSnapshot)) return Promise.reject(new TypeError('The snapshot is another backend’s.'))
    this.#cache.kv.reserve(length, 0)
    this.#cache.kv.copyIn(snapshot.buffer, snapshot.length, length)
    this.#cache.setLength(length)
    return Promise.resolve()
  }

  /** @throws TypeError always: there is no kind of image. */
  toImage(): Uint8Array[] {
    throw new TypeError('GPU memory is not written to images.')
  }

  fromImage(): undefined {
    return undefined
  }
}
