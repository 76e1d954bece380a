import { ByteBuffer } from './ByteBuffer.js'
import { openHash } from './hash/openHash.js'
import { refuseHuge } from './fileLimits.js'
import { throwIfAborted } from './loadErrors.js'
import type { ByteSink } from './download/FileDownload.js'
import type { SHA256 } from './hash/SHA256.js'
import type { ProgressMeter } from './ProgressMeter.js'
import type { FileKeeper } from './FileKeeper.js'

/** What a {@link FileArrival} needs to know of its file. */
export interface ArrivalOptions {
  path: string
  /** Whether the hash of the bytes is wanted. */
  isHashed: boolean
  /** Keeps the bytes as they come; undefined for files that are not stored. */
  keeper: FileKeeper | undefined
  meter: ProgressMeter
  signal: AbortSignal | undefined
  /** Gives the memory for the file, once its size is known. */
  place: ((size: number) => Uint8Array) | undefined
  /** The file's size in bytes, as soon as it is known. */
  onSize: ((size: number | undefined) => void) | undefined
}

/** A file on its way into memory: hashed, kept and counted piece by piece. */
export class FileArrival implements ByteSink {
  readonly #options: ArrivalOptions
  #buffer: ByteBuffer | undefined
  #hash: SHA256 | undefined
  #size: number | undefined
  #validator: string | undefined

  constructor(options: ArrivalOptions) {
    this.#options = options
  }

  get length(): number {
    return this.#buffer?.length ?? 0
  }

  get size(): number | undefined {
    return this.#size
  }

  get validator(): string | undefined {
    return this.#validator
  }

  /** Takes what an earlier attempt kept, if there is something. */
  async resume(): Promise<void> {
    const { keeper, path, meter, signal } = this.#options
    const kept = await keeper?.resume()
    if (!keeper || !kept) return
    this.#start(kept.size, kept.validator)
    meter.resume(path, kept.length)
    try {
      await readStream(kept.stream(), signal, (bytes) => this.#take(bytes))
    } catch {
      throwIfAborted(signal)
      await this.restart()
      return
    }
    if (this.length !== kept.length) await this.restart()
  }

  async begin({ size, validator }: { size: number | undefined; validator: string | undefined }): Promise<void> {
    this.#start(size, validator)
    await this.#options.keeper?.begin(size, validator)
  }

  async write(bytes: Uint8Array): Promise<void> {
    const { path, meter, keeper } = this.#options
    refuseHuge(path, this.length + bytes.length)
    this.#take(bytes)
    meter.advance(path, bytes.length, true)
    if (this.#buffer) await keeper?.keepUpTo(this.#buffer)
  }

  async restart(): Promise<void> {
    const { path, meter, keeper } = this.#options
    this.#buffer = undefined
    this.#size = undefined
    this.#validator = undefined
    meter.restart(path)
    await keeper?.discard()
  }

  /** The whole file, and its hash where it was wanted. */
  take(): { bytes: Uint8Array; sha256: string | undefined } {
    return { bytes: this.#buffer?.take() ?? new Uint8Array(0), sha256: this.#hash?.digest() }
  }

  #start(size: number | undefined, validator: string | undefined): void {
    const { path, isHashed, meter, place, onSize } = this.#options
    refuseHuge(path, size)
    this.#buffer = new ByteBuffer(size, place)
    this.#hash = isHashed ? openHash(path) : undefined
    this.#size = size
    this.#validator = validator
    meter.expect(path, size)
    onSize?.(size)
  }

  #take(bytes: Uint8Array): void {
    this.#buffer?.append(bytes)
    this.#hash?.update(bytes)
  }
}

/** Gives a stream's bytes to `take`, until it ends or the signal does. */
export async function readStream(
  stream: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
  take: (bytes: Uint8Array) => void,
): Promise<void> {
  const reader = stream.getReader()
  try {
    for (;;) {
      throwIfAborted(signal)
      const { done, value } = await reader.read()
      throwIfAborted(signal)
      if (done) return
      take(value)
    }
  } catch (error) {
    // Frees what is read from; what went wrong is already known.
    void reader.cancel(error).catch(() => undefined)
    throw error
  }
}
