import type { ModelSource } from '../types.js'
import type { ModelStorage } from './ModelStorage.js'

const folder = '.prefix/'
const indexPath = `${folder}index.json`
const MOST_BYTES = 64 * 2 ** 20

/** Whether a stored file belongs to a {@link PrefixStore}: no file of a model can be called so, see `isSafePath`. */
function isPrefixPath(path: string): boolean {
  return path.startsWith(folder)
}

/**
 * Where a local model's files are kept: its weights are not stored, and its id is enough, because files say
 * themselves what they were made with. Those of `blob:` URLs, new in every visit, have one place.
 */
export function localPrefixKey(id: string): string {
  return `local:${id.startsWith('blob:') ? 'blob' : id}`
}

/**
 * Small files that can be made anew, beside those of a model, with which they are deleted. The oldest ones make room:
 * together they have a limit. Nothing here throws: a file that cannot be read is not there, and one that cannot
 * be written is made anew another time.
 */
export class PrefixStore {
  readonly #storage: ModelStorage
  readonly #key: string
  readonly #mostBytes: number

  /** @param mostBytes of all files of the model together. */
  constructor(storage: ModelStorage, source: ModelSource, mostBytes = MOST_BYTES) {
    this.#mostBytes = mostBytes
    this.#storage = storage
    this.#key = source.kind === 'local' ? localPrefixKey(source.options.id) : source.key
  }

  /** Whether anything is kept at all. */
  get isKept(): boolean {
    return this.#storage.name !== 'none'
  }

  /** A file's bytes, or undefined where there is none. */
  async read(name: string): Promise<Uint8Array | undefined> {
    try {
      const stored = await this.#storage.match(this.#key, folder + name)
      return stored && new Uint8Array(await new Response(stored.stream()).arrayBuffer())
    } catch {
      return undefined
    }
  }

  /** The file that was written last. */
  async newest(): Promise<{ name: string; bytes: Uint8Array } | undefined> {
    const name = (await this.#order().catch(() => [])).at(-1)
    const bytes = name === undefined ? undefined : await this.read(name)
    return name === undefined || !bytes ? undefined : { name, bytes }
  }

  /** Writes a file in one step; false where there is no room for it. */
  async write(name: string, bytes: Uint8Array): Promise<boolean> {
    if (!this.isKept || bytes.length > this.#mostBytes) return false
    try {
      await this.#makeRoom(name, bytes.length)
      await this.#storage.put(this.#key, folder + name, bytes)
      return true
    } catch {
      return false
    }
  }

  /** Removes a file. */
  async delete(name: string): Promise<void> {
    try {
      await this.#storage.delete(this.#key, folder + name)
    } catch {
      // It is in nobody's way.
    }
  }

  /** Deletes the oldest files, and those that no index knows of. */
  async #makeRoom(name: string, size: number): Promise<void> {
    const entries = (await this.#storage.list()).filter(({ key, path }) => key === this.#key && isPrefixPath(path) && path !== indexPath)
    const sizes = new Map(entries.map(({ path, size }) => [path.slice(folder.length), size]))
    const order = (await this.#order()).filter((known) => known !== name && sizes.has(known))
    let room = this.#mostBytes - size
    const kept = [name]
    for (const known of order.reverse()) {
      room -= sizes.get(known)!
      if (room < 0) break
      kept.unshift(known)
    }
    for (const known of sizes.keys()) if (!kept.includes(known)) await this.delete(known)
    await this.#storage.put(this.#key, indexPath, new TextEncoder().encode(JSON.stringify(kept)))
  }

  /** Names, the oldest first. */
  async #order(): Promise<string[]> {
    const stored = await this.#storage.match(this.#key, indexPath)
    if (!stored) return []
    try {
      const names: unknown = await new Response(stored.stream()).json()
      return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : []
    } catch {
      return []
    }
  }
}
