import { LLMError } from '../errors/index.js'

/** Memory that a file arrives in: given once where the size is known, growing where it is not. */
export class ByteBuffer {
  #bytes: Uint8Array
  #length = 0

  /**
   * @param size Bytes to expect; a right guess saves the second copy.
   * @param place Gives the memory for a file of a known size. Default: a buffer of its own.
   * @throws LLMError `out-of-memory`
   */
  constructor(size: number | undefined, place?: (size: number) => Uint8Array) {
    this.#bytes = allocate(size ?? 0, size !== undefined && size > 0 ? place : undefined)
  }

  get length(): number {
    return this.#length
  }

  append(bytes: Uint8Array): void {
    const end = this.#length + bytes.length
    if (end > this.#bytes.length) {
      const larger = allocate(Math.max(end, Math.ceil(this.#bytes.length * 1.5), 64 * 1024))
      larger.set(this.#bytes.subarray(0, this.#length))
      this.#bytes = larger
    }
    this.#bytes.set(bytes, this.#length)
    this.#length = end
  }

  /** A part of what is there, not copied. */
  subarray(start: number, end: number): Uint8Array {
    return this.#bytes.subarray(start, Math.min(end, this.#length))
  }

  /** All of it; copied only where the size was not known. */
  take(): Uint8Array {
    if (this.#length === this.#bytes.length) return this.#bytes
    return this.#length === 0 ? new Uint8Array(0) : this.#bytes.slice(0, this.#length)
  }
}

function allocate(size: number, place = (bytes: number): Uint8Array => new Uint8Array(bytes)): Uint8Array {
  try {
    return place(size)
  } catch (cause) {
    throw new LLMError({
      code: 'out-of-memory',
      message: `There is no memory for a file of ${Math.round(size / 1e6)} MB. Close other tabs, or take a smaller model or dtype.`,
      recoverable: true,
      cause,
    })
  }
}
