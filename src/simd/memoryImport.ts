// Binary format: https://webassembly.github.io/spec/core/binary/modules.html, limits of shared
// memories: https://github.com/WebAssembly/threads/blob/main/proposals/threads/Overview.md
const importSection = 2
const kinds = { function: 0, table: 1, memory: 2, global: 3 }
const limits = { maximum: 1, shared: 2 }
const maximumPages = 65536

/**
 * A copy of a module whose imported memory is shared or not, as asked for: a module declares which
 * of them it takes, and nothing else in it depends on that, so one binary serves both.
 * @throws RangeError when the bytes are no module that imports a memory.
 */
export function withMemoryImport(binary: Uint8Array, shared: boolean): Uint8Array<ArrayBuffer> {
  const reader = new Reader(binary, 8)
  while (!reader.ended) {
    const sectionStart = reader.at
    const id = reader.byte()
    const size = reader.number()
    const contentStart = reader.at
    if (id !== importSection) {
      reader.at = contentStart + size
      continue
    }
    const memory = findMemory(reader)
    const content = join([
      binary.subarray(contentStart, memory.start),
      shared ? [limits.maximum | limits.shared, ...leb128(memory.minimum), ...leb128(maximumPages)] : [0, ...leb128(memory.minimum)],
      binary.subarray(memory.end, contentStart + size),
    ])
    return join([
      binary.subarray(0, sectionStart),
      [importSection, ...leb128(content.length)],
      content,
      binary.subarray(contentStart + size),
    ])
  }
  throw new RangeError('The module imports nothing')
}

/** Where the imported memory's limits are. */
function findMemory(reader: Reader): { start: number; end: number; minimum: number } {
  for (let left = reader.number(); left > 0; left--) {
    reader.skip(reader.number())
    reader.skip(reader.number())
    const kind = reader.byte()
    if (kind === kinds.memory) {
      const start = reader.at
      const minimum = reader.limits()
      return { start, end: reader.at, minimum }
    }
    if (kind === kinds.function) reader.number()
    else if (kind === kinds.global) reader.skip(2)
    else if (kind === kinds.table) {
      reader.skip(1)
      reader.limits()
    } else throw new RangeError(`Import of kind ${kind}`)
  }
  throw new RangeError('The module imports no memory')
}

class Reader {
  at: number
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes
    this.at = at
  }

  get ended(): boolean {
    return this.at >= this.#bytes.length
  }

  byte(): number {
    const byte = this.#bytes[this.at++]
    if (byte === undefined) throw new RangeError('The module ends too early')
    return byte
  }

  skip(count: number): void {
    this.at += count
  }

  number(): number {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte()
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
  }

  /** @returns the minimum. */
  limits(): number {
    const flags = this.byte()
    const minimum = this.number()
    if (flags & limits.maximum) this.number()
    return minimum
  }
}

function leb128(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) | 128, ...leb128(Math.floor(value / 128))]
}

function join(parts: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}
