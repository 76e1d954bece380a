import type { DecoderBackend } from '../generate/DecoderBackend.js'
import { commonLength } from './commonLength.js'
import type { KVSnapshot } from './KVSnapshot.js'
import { RadixTree } from './RadixTree.js'

/** Where keys and values came from that were not computed again. */
export type ReuseSource = 'memory' | 'storage'

/** How much of a prompt is in the cache, and whence. */
export interface Reuse {
  tokens: number
  /** Undefined when nothing is reused. */
  from: ReuseSource | undefined
}

/** How a {@link PrefixCache} works. */
export interface PrefixCacheOptions {
  /**
   * Tokens of a prefill run; 1 where it does not matter what is run together. Where it matters, only whole runs
   * that start at multiples of it are reused: quantized kernels scale activations per run, so that keys and values
   * depend on what was run together. A prompt computed with reuse has then seen exactly the runs it would
   * have seen without, and gives exactly the same output.
   */
  chunk: number
  /** Most bytes of keys and values that are kept beside the present ones. Default 0: only these are reused. */
  memoryBytes?: number
  /** False: every prompt is computed from its first token. Default true. */
  isOn?: boolean
}

interface Entry {
  readonly tokens: readonly number[]
  readonly snapshot: KVSnapshot
  /** The beginning of many conversations: kept also when longer texts cover it. */
  readonly isAnchor: boolean
  from: ReuseSource
  used: number
}

/** Fewer tokens are computed sooner than they are looked after. */
const LEAST_TOKENS = 32

/**
 * Knows whose keys and values there are: those of the sequence that the backend works on, and snapshots of
 * earlier ones. Finds the longest beginning of a prompt among them, to the token.
 */
export class PrefixCache {
  readonly #backend: DecoderBackend
  readonly #chunk: number
  readonly #memoryBytes: number
  readonly #isOn: boolean
  readonly #tree = new RadixTree<Entry>()
  /** Tokens that the backend's cache begins with and that may be reused. */
  #live: number[] = []
  #liveFrom: ReuseSource = 'memory'
  #anchor: readonly number[] = []
  #clock = 0

  constructor(backend: DecoderBackend, { chunk, memoryBytes = 0, isOn = true }: PrefixCacheOptions) {
    this.#backend = backend
    this.#chunk = chunk
    this.#memoryBytes = isOn ? memoryBytes : 0
    this.#isOn = isOn
    if (backend.snapshots) backend.snapshots.reclaim = () => this.#evictOne()
  }

  /** Whether anything is kept beside the present conversation. */
  get keepsOthers(): boolean {
    return this.#memoryBytes > 0 && this.#backend.snapshots !== undefined
  }

  /** Bytes that snapshots keep, each piece counted once. */
  get bytes(): number {
    const pieces = new Map<unknown, number>()
    for (const { snapshot } of this.#tree.values()) for (const [piece, bytes] of snapshot.pieces()) pieces.set(piece, bytes)
    return [...pieces.values()].reduce((sum, bytes) => sum + bytes, 0)
  }

  /** Snapshots that are kept. */
  get size(): number {
    return this.#tree.values().length
  }

  /** How many of so many tokens can be reused: whole runs. */
  round(length: number): number {
    return length - (length % this.#chunk)
  }

  /** Whether the backend or a snapshot has all of these tokens. */
  covers(tokens: readonly number[]): boolean {
    return commonLength(this.#live, tokens) === tokens.length || this.#tree.match(tokens).length === tokens.length
  }

  /**
   * Makes the backend's cache the longest known beginning of `prompt`; at least one token is left to feed.
   * @param anchorLength leading tokens that other conversations will begin with, too.
   */
  async begin(prompt: readonly number[], anchorLength = 0): Promise<Reuse> {
    const limit = this.#isOn ? Math.max(0, prompt.length - 1) : 0
    const own = this.round(Math.min(commonLength(this.#live, prompt), limit))
    const match = this.#tree.match(prompt, limit)
    const kept = this.round(match.length)
    for (const entry of match.path) entry.used = ++this.#clock
    if (own >= kept) {
      if (this.#live.length - own >= LEAST_TOKENS) this.#keepLive()
      await this.#backend.truncate(own)
    } else await this.#restore(shortest(match.below), kept)
    // What a backend cannot cut, it empties.
    this.#live = prompt.slice(0, this.#backend.length)
    this.#anchor = this.#isOn && anchorLength >= LEAST_TOKENS ? prompt.slice(0, this.round(anchorLength)) : []
    this.#keepAnchor()
    const from = this.#liveFrom
    this.#liveFrom = 'memory'
    this.#evict()
    return { tokens: this.#live.length, from: this.#live.length > 0 ? from : undefined }
  }

  /** One run appended `tokens` to the backend's cache. */
  append(tokens: readonly number[]): void {
    if (!this.#isOn || tokens.length % this.#chunk !== 0) return
    this.#live.push(...tokens)
    this.#keepAnchor()
  }

  /** Adds what was computed at another time. Gives it up at once where there is no room. */
  add(tokens: readonly number[], snapshot: KVSnapshot, from: ReuseSource): void {
    this.#insert({ tokens, snapshot, isAnchor: true, from, used: ++this.#clock })
    this.#evict()
  }

  /**
   * The keys and values of these tokens as bytes, to be used before anything else runs; undefined where they are
   * not there.
   * @throws LLMError `out-of-memory`
   */
  image(tokens: readonly number[]): Uint8Array[] | undefined {
    const { snapshots } = this.#backend
    if (!snapshots || tokens.length === 0) return undefined
    const match = this.#tree.match(tokens)
    if (match.length === tokens.length) return snapshots.toImage(shortest(match.below).snapshot, tokens.length)
    if (commonLength(this.#live, tokens) < tokens.length) return undefined
    const own = snapshots.take(tokens.length)
    try {
      return snapshots.toImage(own, tokens.length)
    } finally {
      own.release()
    }
  }

  /** Gives up all snapshots. */
  clear(): void {
    while (this.#evictOne());
  }

  async #restore(entry: Entry, length: number): Promise<void> {
    this.#keepLive()
    await this.#backend.snapshots!.restore(entry.snapshot, length)
    this.#liveFrom = entry.from
    entry.from = 'memory'
    entry.used = ++this.#clock
    // From here on the backend has it, and gives it back when it turns to something else.
    if (!entry.isAnchor && entry.tokens.length === length) this.#drop(entry)
  }

  /** Before the backend's cache is cut or replaced, what would be lost is kept. */
  #keepLive(): void {
    const tokens = this.#live
    if (!this.keepsOthers || tokens.length < LEAST_TOKENS) return
    if (this.#tree.match(tokens).length === tokens.length) return
    const snapshot = this.#backend.snapshots!.take(tokens.length)
    this.#insert({ tokens, snapshot, isAnchor: false, from: 'memory', used: ++this.#clock })
  }

  #keepAnchor(): void {
    const tokens = this.#anchor
    if (tokens.length === 0 || this.#live.length < tokens.length) return
    this.#anchor = []
    // Where runs matter, a longer cache is another set of tensors, kept whole for the sake of its beginning.
    const isFree = this.#chunk === 1 || this.#live.length === tokens.length
    if (!this.keepsOthers || !isFree || this.#tree.get(tokens)?.isAnchor) return
    const snapshot = this.#backend.snapshots!.take(tokens.length)
    this.#insert({ tokens, snapshot, isAnchor: true, from: 'memory', used: ++this.#clock })
    this.#evict()
  }

  #insert(entry: Entry): void {
    for (const shorter of this.#tree.match(entry.tokens).path) {
      if (!shorter.isAnchor || shorter.tokens.length === entry.tokens.length) this.#drop(shorter)
    }
    this.#tree.set(entry.tokens, entry)
  }

  #evict(): void {
    while (this.bytes > this.#memoryBytes && this.#evictOne());
  }

  #evictOne(): boolean {
    const oldest = this.#tree.values().reduce<Entry | undefined>((least, entry) => (least && least.used < entry.used ? least : entry), undefined)
    if (oldest) this.#drop(oldest)
    return oldest !== undefined
  }

  #drop(entry: Entry): void {
    this.#tree.delete(entry.tokens)
    entry.snapshot.release()
  }
}

/** Of entries that all are long enough, the one with the least to cut off. */
function shortest(entries: readonly Entry[]): Entry {
  return entries.reduce((best, entry) => (entry.tokens.length < best.tokens.length ? entry : best))
}
