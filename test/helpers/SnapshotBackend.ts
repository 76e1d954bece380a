import type { DecoderBackend } from '../../src/inference/generate/DecoderBackend.js'
import type { KVSnapshot, KVSnapshots } from '../../src/inference/prefix/KVSnapshot.js'

const BYTES_PER_TOKEN = 10

class TokenSnapshot implements KVSnapshot {
  released = false

  constructor(readonly cache: readonly number[]) {}

  get length() {
    return this.cache.length
  }

  *pieces() {
    if (this.released) throw new Error('A snapshot was used after its end')
    yield [this, this.cache.length * BYTES_PER_TOKEN] as const
  }

  release() {
    if (this.released) throw new Error('A snapshot was released twice')
    this.released = true
  }
}

/**
 * A backend that keeps snapshots. Its logits depend on every token in its cache and, unless it is batch-invariant, on
 * how prefill was cut into runs, as quantized kernels make it. Wrong reuse shows in the output.
 */
export class SnapshotBackend implements DecoderBackend {
  readonly vocabSize = 97
  readonly memoryBytes = undefined
  /** Tokens of every run. */
  readonly runs: number[][] = []
  /** Every snapshot that was taken or read. */
  readonly taken: TokenSnapshot[] = []
  readonly snapshots: KVSnapshots
  #cache: number[] = []

  constructor(readonly isBatchInvariant = false) {
    const keep = (cache: readonly number[]) => {
      const snapshot = new TokenSnapshot(cache)
      this.taken.push(snapshot)
      return snapshot
    }
    this.snapshots = {
      reclaim: undefined,
      imageKind: 'hash',
      take: (length) => keep(isBatchInvariant ? this.#cache.slice(0, length) : [...this.#cache]),
      restore: (snapshot, length) => {
        const { cache, released } = snapshot as TokenSnapshot
        if (released || cache.length < length) throw new Error('The snapshot is gone, or too short')
        this.#cache = cache.slice(0, length)
        return Promise.resolve()
      },
      toImage: (snapshot, length) => [new Uint8Array(Float64Array.from((snapshot as TokenSnapshot).cache.slice(0, length)).buffer)],
      fromImage: (image, length) => (image.length === 8 * length ? keep([...new Float64Array(Uint8Array.from(image).buffer)]) : undefined),
    }
  }

  get length() {
    return this.#cache.length
  }

  /** Snapshots that were not released. */
  get held() {
    return this.taken.filter(({ released }) => !released).length
  }

  feed(tokens: readonly number[]) {
    this.runs.push([...tokens])
    for (const token of tokens) this.#cache.push(token * 1000 + (this.isBatchInvariant ? 0 : tokens.length))
    const hash = this.#cache.reduce((sum, value, i) => (sum * 31 + value * (i + 1)) % 1_000_003, 7)
    return Promise.resolve(Float32Array.from({ length: this.vocabSize }, (_, id) => (hash * (id + 13)) % 101))
  }

  truncate(length: number) {
    this.#cache.length = Math.min(length, this.#cache.length)
    return Promise.resolve()
  }

  dispose() {
    return Promise.resolve()
  }
}
