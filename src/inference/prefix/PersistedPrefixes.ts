import type { PrefixStore } from '../../models/index.js'
import type { KVSnapshots } from './KVSnapshot.js'
import type { PrefixCache } from './PrefixCache.js'
import { prefixFileName, readPrefixFile, writePrefixFile, type PrefixKey } from './prefixFile.js'

/** What {@link PersistedPrefixes} work with. */
export interface PersistedPrefixesInit {
  cache: PrefixCache
  snapshots: KVSnapshots
  store: PrefixStore
  /** Everything that keys and values depend on beside the tokens, as one text. */
  identity: string
  /** Milliseconds after an answer's end until its prefix is written, unless another request comes. Default 200. */
  writeAfterMs?: number
}

/** Fewer tokens are computed in less time than people notice. */
const LEAST_TOKENS = 64

/**
 * Carries the beginning that an app's conversations share from one visit to the next: reads its keys and values
 * before the first request that begins with it, and writes them once, after an answer.
 */
export class PersistedPrefixes {
  readonly #cache: PrefixCache
  readonly #snapshots: KVSnapshots
  readonly #store: PrefixStore
  readonly #identity: string
  readonly #writeAfterMs: number
  /** Names of files that were read or written, or cannot be. */
  readonly #done = new Set<string>()
  #wanted: { key: PrefixKey; name: string } | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #writing = Promise.resolve()
  /** What the first request will ask for, if it is like those of the last visit. */
  #ahead: ReturnType<PrefixStore['newest']> | undefined

  constructor({ cache, snapshots, store, identity, writeAfterMs = 200 }: PersistedPrefixesInit) {
    this.#cache = cache
    this.#snapshots = snapshots
    this.#store = store
    this.#identity = identity
    this.#writeAfterMs = writeAfterMs
  }

  /** Reads what was stored last, before anybody asks for it, or takes it from who has begun to. */
  readAhead(newest = this.#store.newest()): void {
    this.#ahead = newest
  }

  /** A request begins whose prompt shares its first `anchorLength` tokens with others: brings what is stored of them. */
  async begin(prompt: readonly number[], anchorLength: number): Promise<void> {
    clearTimeout(this.#timer)
    this.#wanted = undefined
    const ahead = this.#ahead
    this.#ahead = undefined
    const tokens = prompt.slice(0, this.#cache.round(anchorLength))
    if (tokens.length < LEAST_TOKENS) return
    const key = { identity: this.#identity, tokens }
    const name = await prefixFileName(key)
    if (this.#done.has(name)) return
    this.#wanted = { key, name }
    if (this.#cache.covers(tokens)) return
    const newest = await ahead
    await this.#restore(key, name, newest?.name === name ? newest.bytes : await this.#store.read(name))
  }

  /** The request is answered: what was not stored of it will be, when nobody waits for anything. */
  end(): void {
    if (!this.#wanted) return
    this.#timer = setTimeout(() => {
      this.#writing = this.#write()
    }, this.#writeAfterMs)
  }

  /** Writes what waits to be written now. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#writing
    await this.#write()
  }

  async #restore(key: PrefixKey, name: string, file: Uint8Array | undefined): Promise<void> {
    if (!file) return
    const image = await readPrefixFile(key, file)
    const snapshot = image && this.#snapshot(image, key.tokens.length)
    if (snapshot === 'no memory') this.#wanted = undefined
    else if (!snapshot) await this.#store.delete(name)
    else {
      this.#cache.add(key.tokens, snapshot, 'storage')
      this.#done.add(name)
      this.#wanted = undefined
    }
  }

  #snapshot(image: Uint8Array, length: number): ReturnType<KVSnapshots['fromImage']> | 'no memory' {
    try {
      return this.#snapshots.fromImage(image, length)
    } catch {
      // Then the request computes it again, which says what is missing if that fails, too.
      return 'no memory'
    }
  }

  async #write(): Promise<void> {
    const wanted = this.#wanted
    this.#wanted = undefined
    if (!wanted) return
    const parts = this.#image(wanted.key.tokens)
    if (!parts) return
    // Written or not: nothing is tried again with every answer.
    this.#done.add(wanted.name)
    await this.#store.write(wanted.name, await writePrefixFile(wanted.key, parts))
  }

  #image(tokens: readonly number[]): Uint8Array[] | undefined {
    try {
      return this.#cache.image(tokens)
    } catch {
      // No memory is left: not for something that nobody asked for.
      return undefined
    }
  }
}
