import type { LLMError } from '../errors/index.js'
import { indexRecordPath } from './IndexRecord.js'
import { readBody } from './readBody.js'
import { storageError } from './storage/storageErrors.js'
import { verifySHA256 } from './verifySHA256.js'
import type { LoadedFile } from './IndexRecord.js'
import type { ModelIndex } from './ModelIndex.js'
import type { ProgressMeter } from './ProgressMeter.js'
import type { RemoteFiles } from './RemoteFiles.js'
import type { ModelStorage } from './storage/ModelStorage.js'
import type { ModelSource } from './types.js'

/** What a {@link ModelReader} works with. */
export interface ReaderParts {
  source: ModelSource
  remote: RemoteFiles
  /** Undefined for local models: they are never stored. */
  storage: ModelStorage | undefined
  meter: ProgressMeter
  signal: AbortSignal | undefined
  onWarning: ((warning: LLMError) => void) | undefined
}

/** How one file is read. */
export interface ReadFileOptions<T> {
  /** Checks the file and makes it what the caller needs; bytes it throws on are never stored. */
  parse: (bytes: Uint8Array) => T
  isGraph?: boolean
  /** Gives the memory for the file, once its size is known. Default: a buffer of its own. */
  place?: ((size: number) => Uint8Array) | undefined
  /** The file's size in bytes, as soon as it is known. */
  onSize?: (size: number | undefined) => void
}

/** Gets files out of storage or from the server, whichever has the right one, and stores what is new. */
export class ModelReader {
  readonly #parts: ReaderParts
  /** What is known of the files so far. */
  index: ModelIndex
  /** Files in storage that belong to this load. */
  readonly stored = new Map<string, LoadedFile>()
  /** Files that were read and could not be stored. */
  readonly unstored = new Set<string>()
  // Marks the files of this load as belonging together where no server tells their versions.
  readonly #loadMark = `load-${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`

  constructor(parts: ReaderParts, index: ModelIndex) {
    this.#parts = parts
    this.index = index
  }

  /** Whether a file is known not to exist, without asking. */
  knowsMissing(path: string): boolean {
    return this.index.complete && !this.index.files.has(path)
  }

  /** The parsed file, or undefined where there is none. */
  async read<T>(path: string, options: ReadFileOptions<T>): Promise<T | undefined> {
    const { meter } = this.#parts
    if (this.knowsMissing(path)) {
      meter.drop(path)
      return undefined
    }
    return (await this.#readStored(path, options))?.value ?? this.#readRemote(path, options)
  }

  async #readStored<T>(path: string, options: ReadFileOptions<T>): Promise<{ value: T } | undefined> {
    const { source, storage, meter, signal } = this.#parts
    const etag = this.index.files.get(path)?.etag
    if (!storage || etag === undefined) return undefined
    try {
      const file = await storage.match(source.key, path)
      if (file?.etag !== etag) return undefined
      meter.expect(path, file.size)
      options.onSize?.(file.size)
      const bytes = await readBody(file.stream(), {
        size: file.size,
        place: options.place,
        signal,
        onBytes: (count) => meter.advance(path, count, false),
      })
      await this.#verify(path, bytes)
      const value = options.parse(bytes)
      this.stored.set(path, { path, size: file.size, etag })
      meter.complete(path)
      return { value }
    } catch (error) {
      if (signal?.aborted) throw error
      // What is stored is no good: the server's file replaces it.
      meter.restart(path)
      await storage.delete(source.key, indexRecordPath).catch(() => undefined)
      await storage.delete(source.key, path).catch(() => undefined)
      return undefined
    }
  }

  async #readRemote<T>(path: string, options: ReadFileOptions<T>): Promise<T | undefined> {
    const { remote, meter } = this.#parts
    const bytes = await remote.read(path, {
      size: this.index.files.get(path)?.size,
      isGraph: options.isGraph,
      place: options.place,
      onSize: (size) => {
        meter.expect(path, size)
        options.onSize?.(size)
      },
      onBytes: (count) => meter.advance(path, count, true),
    })
    if (!bytes) {
      meter.drop(path)
      return undefined
    }
    await this.#verify(path, bytes)
    const value = options.parse(bytes)
    meter.complete(path)
    await this.#store(path, bytes)
    return value
  }

  async #verify(path: string, bytes: Uint8Array): Promise<void> {
    const pinned = this.#parts.source.options.sha256
    if (pinned && Object.hasOwn(pinned, path)) await verifySHA256(path, bytes, pinned[path])
  }

  // A load never fails because its files could not be kept.
  async #store(path: string, bytes: Uint8Array): Promise<void> {
    const { source, storage, onWarning } = this.#parts
    if (!storage) return
    const etag = this.index.files.get(path)?.etag ?? this.#loadMark
    try {
      await storage.put(source.key, path, bytes, { etag })
      this.stored.set(path, { path, size: bytes.length, etag })
    } catch (error) {
      this.unstored.add(path)
      onWarning?.(storageError(error, path))
    }
  }
}
