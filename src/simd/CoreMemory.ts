import { LLMError } from '../errors/index.js'

const PAGE = 65536
// Bytes below are the module's own static data.
const ARENA_START = PAGE
// Growing by larger steps wastes memory; by smaller ones it takes more calls.
const STEP = 16 * PAGE

/** The most a 32-bit memory can have, in bytes. */
const MAXIMUM_BYTES = 65536 * PAGE

/** How a {@link CoreMemory} is set up. */
export interface CoreMemoryOptions {
  /** Shared between threads; needs a cross-origin isolated page. Default false. */
  shared?: boolean
  /** Bytes that are there from the start. Default: one step of growth, 1 MiB. */
  initialBytes?: number
  /** Most bytes it may grow to. Default: 4 GiB. A shared memory reserves address space for all of them. */
  maximumBytes?: number
}

/**
 * The core's memory: an arena that only grows. What is to be reused (KV pages, scratch) is kept by
 * who asked for it. Views of it end when it grows: take them anew for every use.
 */
export class CoreMemory {
  readonly memory: WebAssembly.Memory
  readonly shared: boolean
  readonly maximumBytes: number
  #end = ARENA_START

  /** @throws LLMError `out-of-memory` when the memory cannot be had. */
  constructor({ shared = false, initialBytes = STEP, maximumBytes = MAXIMUM_BYTES }: CoreMemoryOptions = {}) {
    const maximum = Math.min(pages(maximumBytes), pages(MAXIMUM_BYTES))
    const initial = Math.max(2, pages(initialBytes))
    if (initial > maximum) throw outOfMemory(initialBytes)
    try {
      this.memory = new WebAssembly.Memory({ initial, maximum, shared })
    } catch (cause) {
      throw outOfMemory(initialBytes, cause)
    }
    this.shared = shared
    this.maximumBytes = maximum * PAGE
  }

  /** Bytes it has now. */
  get byteLength(): number {
    return this.memory.buffer.byteLength
  }

  /**
   * Takes room at the arena's end, growing the memory where it must. The bytes are zero.
   * @param align a power of two.
   * @returns the address.
   * @throws LLMError `out-of-memory` when it cannot grow.
   */
  allocate(bytes: number, align = 16): number {
    const address = Math.ceil(this.#end / align) * align
    this.#reach(address + bytes)
    this.#end = address + bytes
    return address
  }

  /** All of the memory as it is now. */
  bytes(): Uint8Array {
    return new Uint8Array(this.memory.buffer)
  }

  /** A view of floats; `address` a multiple of 4. */
  floats(address: number, length: number): Float32Array {
    return new Float32Array(this.memory.buffer, address, length)
  }

  /** A view of 32-bit integers; `address` a multiple of 4. */
  integers(address: number, length: number): Int32Array {
    return new Int32Array(this.memory.buffer, address, length)
  }

  #reach(end: number): void {
    const missing = end - this.byteLength
    if (missing <= 0) return
    const room = this.maximumBytes - this.byteLength
    if (missing > room) throw outOfMemory(end)
    const growth = Math.min(Math.max(missing, STEP), room)
    try {
      this.memory.grow(pages(growth))
    } catch (cause) {
      throw outOfMemory(end, cause)
    }
  }
}

function pages(bytes: number): number {
  return Math.ceil(bytes / PAGE)
}

function outOfMemory(bytes: number, cause?: unknown): LLMError {
  return new LLMError({
    code: 'out-of-memory',
    subject: 'memory',
    message:
      `The model needs ${Math.ceil(bytes / 2 ** 20)} MiB of memory, which cannot be had. ` +
      'Use a smaller model, a smaller `dtype` (q4) or a shorter conversation, or close other tabs.',
    cause,
  })
}
