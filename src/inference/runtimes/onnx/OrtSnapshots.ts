import type { KVSnapshot, KVSnapshots } from '../../prefix/KVSnapshot.js'
import type { KVCache } from './KVCache.js'
import type { KVTensors } from './KVTensors.js'

/** What a run gave, kept as it is: ONNX Runtime makes new tensors for every run and never writes to old ones. */
class OrtSnapshot implements KVSnapshot {
  readonly held: KVTensors
  #released = false

  constructor(held: KVTensors) {
    this.held = held
  }

  get length(): number {
    return this.held.length
  }

  *pieces(): Iterable<readonly [piece: unknown, bytes: number]> {
    yield [this.held, this.held.bytes]
  }

  release(): void {
    if (this.#released) return
    this.#released = true
    this.held.release()
  }
}

/** Snapshots of ONNX Runtime's keys and values. A longer one is cut when it is restored, by a copy. */
export class OrtSnapshots implements KVSnapshots {
  readonly imageKind: string | undefined
  // ONNX Runtime's memory is its own; it says only that it has none, and no run can be repeated then.
  reclaim: (() => boolean) | undefined
  readonly #cache: KVCache

  constructor(cache: KVCache, imageKind: string | undefined) {
    this.#cache = cache
    this.imageKind = imageKind
  }

  take(): KVSnapshot {
    return new OrtSnapshot(this.#cache.hold())
  }

  restore(snapshot: KVSnapshot, length: number): Promise<void> {
    return this.#cache.restore(own(snapshot).held, length)
  }

  toImage(snapshot: KVSnapshot, length: number): Uint8Array[] {
    return this.#cache.toImage(own(snapshot).held, length)
  }

  fromImage(image: Uint8Array, length: number): KVSnapshot | undefined {
    const tensors = this.#cache.fromImage(image, length)
    return tensors && new OrtSnapshot(tensors)
  }
}

function own(snapshot: KVSnapshot): OrtSnapshot {
  if (snapshot instanceof OrtSnapshot) return snapshot
  throw new TypeError('The snapshot is another backend’s.')
}
