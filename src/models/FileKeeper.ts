import { storageError } from './storage/storageErrors.js'
import type { LLMError } from '../errors/index.js'
import type { ByteBuffer } from './ByteBuffer.js'
import type { PartialFile } from './storage/PartialFile.js'
import type { ResumableStorage } from './storage/ResumableStorage.js'

/** What a {@link FileKeeper} keeps, and where. */
export interface KeptFile {
  storage: ResumableStorage
  key: string
  path: string
  /** The file's true size; undefined when nobody told. */
  size: number | undefined
  /** The version's mark, where a listing or manifest gives one. */
  etag: string | undefined
  /** Marks a version that nothing else gives a mark. */
  fallbackMark: string
  pieceBytes: number
  /** Told once when keeping came to its end; the file goes on arriving. */
  onFailure: (error: LLMError) => void
}

/** Keeps a file in storage while it arrives. Whatever storage does, the file goes on. */
export class FileKeeper {
  readonly #file: KeptFile
  #partial: PartialFile | undefined
  #hasFailed = false

  constructor(file: KeptFile) {
    this.#file = file
  }

  /** What is there of the same version. */
  async resume(): Promise<{ size: number; length: number; validator: string | undefined; stream(): ReadableStream<Uint8Array> } | undefined> {
    const { storage, key, path, size, etag } = this.#file
    return this.#guard(async () => {
      const partial = await storage.resume(key, path)
      if (!partial) return undefined
      const { record } = partial
      const isSame = (etag === undefined ? record.validator !== undefined : record.etag === etag) && (size === undefined || record.size === size)
      if (!isSame || partial.length === 0) {
        await partial.discard()
        return undefined
      }
      this.#partial = partial
      return { size: record.size, length: partial.length, validator: record.validator, stream: () => partial.stream() }
    })
  }

  /** A first byte follows. Small files, and such of unknown size, are kept when they are whole. */
  async begin(size: number | undefined, validator: string | undefined): Promise<void> {
    const { storage, key, path, etag, fallbackMark, pieceBytes } = this.#file
    if (size === undefined || size <= pieceBytes) return
    await this.#guard(async () => {
      this.#partial = await storage.begin(key, path, { size, etag: etag ?? fallbackMark, validator, pieceBytes })
    })
  }

  /** Stores the pieces that are complete. */
  async keepUpTo(buffer: ByteBuffer): Promise<void> {
    const partial = this.#partial
    while (partial && !this.#hasFailed && partial.nextSize > 0 && buffer.length >= partial.length + partial.nextSize) {
      await this.#guard(() => partial.append(buffer.subarray(partial.length, partial.length + partial.nextSize)))
    }
  }

  /** The bytes are right: makes them a file of storage. Gives its mark, or undefined where it could not be kept. */
  async commit(bytes: Uint8Array, sha256: string | undefined): Promise<string | undefined> {
    const { storage, key, path, etag, fallbackMark } = this.#file
    return this.#guard(async () => {
      const partial = this.#partial
      // A server of another origin may have told the size of its packed bytes.
      if (partial && partial.record.size !== bytes.length) await this.discard()
      else if (partial) {
        await storage.commit(key, path, partial, sha256)
        return partial.record.etag ?? fallbackMark
      }
      await storage.put(key, path, bytes, { etag: etag ?? fallbackMark, sha256 })
      return etag ?? fallbackMark
    })
  }

  /** Removes what is there. */
  async discard(): Promise<void> {
    const partial = this.#partial
    this.#partial = undefined
    // What cannot be removed is found out by its hash, or by the server's mark.
    await partial?.discard().catch(() => undefined)
  }

  async #guard<T>(step: () => Promise<T>): Promise<T | undefined> {
    if (this.#hasFailed) return undefined
    try {
      return await step()
    } catch (error) {
      this.#hasFailed = true
      this.#file.onFailure(storageError(error, this.#file.path))
      return undefined
    }
  }
}
