import { LLMError } from '../errors/index.js'
import { throwIfAborted } from './loadErrors.js'

/** How {@link readBody} reads. */
export interface ReadOptions {
  /** Bytes to expect; a right guess saves the second copy. */
  size: number | undefined
  /** Gives the memory for a body of a known size. Default: a buffer of its own. */
  place?: ((size: number) => Uint8Array) | undefined
  signal: AbortSignal | undefined
  /** Called with the length of every chunk. */
  onBytes?: (count: number) => void
  /** Sees the beginning (up to 512 bytes of the first chunk) and throws when the file is not what it should be. */
  inspect?: (head: Uint8Array) => void
}

/** Reads a stream into one buffer, allocated once where the size is known. */
export async function readBody(stream: ReadableStream<Uint8Array>, options: ReadOptions): Promise<Uint8Array> {
  const { signal, onBytes, inspect, size = 0 } = options
  let buffer = size > 0 && options.place ? options.place(size) : allocate(size)
  let length = 0
  const reader = stream.getReader()
  try {
    for (;;) {
      throwIfAborted(signal)
      const { done, value } = await reader.read()
      throwIfAborted(signal)
      if (done) break
      if (value.length === 0) continue
      if (length === 0) inspect?.(value.subarray(0, 512))
      if (length + value.length > buffer.length) buffer = grow(buffer, length, length + value.length)
      buffer.set(value, length)
      length += value.length
      onBytes?.(value.length)
    }
  } catch (error) {
    // Frees the connection; what went wrong is already known.
    void reader.cancel(error).catch(() => undefined)
    throw error
  }
  if (length === buffer.length) return buffer
  return length === 0 ? new Uint8Array(0) : buffer.slice(0, length)
}

function grow(old: Uint8Array, used: number, needed: number): Uint8Array {
  const buffer = allocate(Math.max(needed, Math.ceil(old.length * 1.5), 64 * 1024))
  buffer.set(old.subarray(0, used))
  return buffer
}

function allocate(size: number): Uint8Array {
  try {
    return new Uint8Array(size)
  } catch (cause) {
    throw new LLMError({
      code: 'out-of-memory',
      message: `There is no memory for a file of ${Math.round(size / 1e6)} MB. Close other tabs, or take a smaller model or dtype.`,
      recoverable: true,
      cause,
    })
  }
}
