import { isLLMError } from '../errors/index.js'
import { finalError } from './download/TransientFailure.js'
import { FileDownload } from './download/FileDownload.js'
import { FileArrival, readStream } from './FileArrival.js'
import { ByteBuffer } from './ByteBuffer.js'
import { FileKeeper } from './FileKeeper.js'
import { openHash } from './hash/openHash.js'
import { indexRecordPath } from './IndexRecord.js'
import { changedMeanwhile, wrongHash } from './loadErrors.js'
import type { LLMError } from '../errors/index.js'
import type { DownloadSettings } from './download/DownloadSettings.js'
import type { Patience } from './download/Patience.js'
import type { LoadedFile } from './IndexRecord.js'
import type { ModelIndex } from './ModelIndex.js'
import type { ProgressMeter } from './ProgressMeter.js'
import type { RemoteFiles } from './RemoteFiles.js'
import type { StoredFile } from './storage/ModelStorage.js'
import type { ResumableStorage } from './storage/ResumableStorage.js'
import type { ModelSource } from './types.js'

/** What a {@link ModelReader} works with. */
export interface ReaderParts {
  source: ModelSource
  remote: RemoteFiles
  patience: Patience
  settings: DownloadSettings
  /** Undefined for local models: they are never stored. */
  storage: ResumableStorage | undefined
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

interface ArrivedFile {
  bytes: Uint8Array
  sha256: string | undefined
  keeper: FileKeeper | undefined
  /** As `FileDownload.wasReplaced`. */
  wasReplaced: boolean
}

/** Downloads of a file whose hash is not the expected one: the second one may be the transfer's fault no more. */
const mostDownloads = 2

/** Gets files out of storage or from the server, whichever has the right one, and stores what is new. */
export class ModelReader {
  readonly #parts: ReaderParts
  /** What is known of the files so far. */
  index: ModelIndex
  /** Files in storage that belong to this load. */
  readonly stored = new Map<string, LoadedFile>()
  /** Files that were read and could not be stored. */
  readonly unstored = new Set<string>()
  /** Whether files that come over the network are stored. */
  keeps = true
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
      const bytes = await this.#stored(path, file, options)
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

  async #stored(path: string, file: StoredFile, { place }: { place?: ((size: number) => Uint8Array) | undefined }): Promise<Uint8Array> {
    const { meter, signal } = this.#parts
    const buffer = new ByteBuffer(file.size, place)
    const expected = this.#expectedHash(path)
    // Compared once, before it was stored; only what the app itself pins is compared at every load.
    const hash = expected !== undefined && (expected !== file.sha256 || this.#pinned(path) !== undefined) ? openHash(path) : undefined
    await readStream(file.stream(), signal, (bytes) => {
      buffer.append(bytes)
      hash?.update(bytes)
      meter.advance(path, bytes.length, false)
    })
    const actual = hash?.digest()
    if (hash && actual !== expected) throw wrongHash(path, String(actual), String(expected))
    return buffer.take()
  }

  async #readRemote<T>(path: string, options: ReadFileOptions<T>): Promise<T | undefined> {
    let wasReplaced = false
    for (let attempt = 1; ; attempt++) {
      const arrived = await this.#download(path, options).catch((failure: unknown) => {
        throw finalError(failure)
      })
      if (arrived === undefined) return undefined
      const { bytes, sha256, keeper } = arrived
      wasReplaced ||= arrived.wasReplaced
      const expected = this.#expectedHash(path)
      try {
        if (expected !== undefined && sha256 !== expected) throw wasReplaced ? changedMeanwhile(path) : wrongHash(path, String(sha256), expected)
        const value = options.parse(bytes)
        this.#parts.meter.complete(path)
        await this.#commit(path, bytes, sha256, keeper)
        return value
      } catch (error) {
        await keeper?.discard()
        if (sha256 === expected || attempt === mostDownloads) throw error
        this.#parts.meter.restart(path)
      }
    }
  }

  async #download<T>(path: string, options: ReadFileOptions<T>): Promise<ArrivedFile | undefined> {
    const { remote, patience, meter, signal } = this.#parts
    const keeper = this.#keeper(path)
    const isHashed = this.#expectedHash(path) !== undefined
    const { place, onSize } = options
    const arrival = new FileArrival({ path, isHashed, keeper, meter, signal, place, onSize })
    await arrival.resume()
    const size = this.index.files.get(path)?.size
    const download = new FileDownload(remote, patience, { path, size, isHashed, isGraph: options.isGraph ?? false })
    const isThere = await download.into(arrival).catch(async (error: unknown) => {
      // What broke off goes on later; what was wrong does not.
      if (isLLMError(error) && error.code === 'model-corrupt') await keeper?.discard()
      throw error
    })
    if (!isThere) {
      await keeper?.discard()
      meter.drop(path)
      return undefined
    }
    return { ...arrival.take(), keeper, wasReplaced: download.wasReplaced }
  }

  #keeper(path: string): FileKeeper | undefined {
    const { source, storage, settings, onWarning } = this.#parts
    if (!storage || !this.keeps) return undefined
    const { size, etag } = this.index.files.get(path) ?? {}
    return new FileKeeper({
      ...{ storage, key: source.key, path, size, etag, fallbackMark: this.#loadMark, pieceBytes: settings.pieceBytes },
      onFailure: (error) => {
        this.unstored.add(path)
        onWarning?.(error)
      },
    })
  }

  async #commit(path: string, bytes: Uint8Array, sha256: string | undefined, keeper: FileKeeper | undefined): Promise<void> {
    const etag = await keeper?.commit(bytes, sha256)
    if (etag !== undefined) this.stored.set(path, { path, size: bytes.length, etag })
  }

  #pinned(path: string): string | undefined {
    const { sha256 } = this.#parts.source.options
    return sha256 && Object.hasOwn(sha256, path) ? String(sha256[path]).toLowerCase() : undefined
  }

  /** What the file's SHA-256 has to be: as the app says, else the model's manifest, else the Hub's listing. */
  #expectedHash(path: string): string | undefined {
    const { files, manifest } = this.index
    return this.#pinned(path) ?? manifest?.files.get(path)?.sha256 ?? files.get(path)?.sha256
  }
}
