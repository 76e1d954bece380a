import { isByteCount, isJSONObject } from './jsonValues.js'

/** Where a tensor of a graph's own file lies, and what it is. */
export interface TableEntry {
  /** Bytes from the file's start. */
  offset: number
  /** Bytes. */
  length: number
  /** `TensorProto.DataType`. */
  type: number
  dims: readonly number[]
}

/** The initializers of one graph by name, as a manifest tells them. It may be wrong: {@link fitsFile} proves it. */
export type TensorTable = ReadonlyMap<string, TableEntry>

/**
 * Reads `tensors` of a manifest: for each graph's path `{ name: [offset, bytes, type, ...shape] }`.
 * A table is only a shortcut: what is not one is left out.
 */
export function parseTensorTables(value: unknown): ReadonlyMap<string, TensorTable> {
  const tables = new Map<string, TensorTable>()
  for (const [path, entries] of isJSONObject(value) ? Object.entries(value) : []) {
    const table = parseTable(entries)
    if (table) tables.set(path, table)
  }
  return tables
}

function parseTable(value: unknown): TensorTable | undefined {
  if (!isJSONObject(value)) return undefined
  const table = new Map<string, TableEntry>()
  for (const [name, numbers] of Object.entries(value)) {
    if (!Array.isArray(numbers) || numbers.length < 3 || !numbers.every(isByteCount)) return undefined
    const [offset, length, type, ...dims] = numbers as [number, number, number, ...number[]]
    table.set(name, { offset, length, type, dims })
  }
  return table
}

/**
 * Whether a table tells the truth about a file: before each tensor's bytes there are its shape, type, name
 * and length, as protobuf writes them in the order of their fields. A file in another order fits no table.
 * @param count how many initializers the file has.
 */
export function fitsFile(table: TensorTable, bytes: Uint8Array, count: number): boolean {
  if (table.size !== count) return false
  const text = new TextEncoder()
  for (const [name, { offset, length, type, dims }] of table) {
    if (offset + length > bytes.length) return false
    const told = text.encode(name)
    const head = dims.flatMap((dim) => [field.dims, ...varint(dim)])
    head.push(field.type, ...varint(type), field.name, ...varint(told.length), ...told, field.raw, ...varint(length))
    const start = offset - head.length
    if (start < 0 || head.some((byte, i) => bytes[start + i] !== byte)) return false
  }
  return true
}

// Tags of TensorProto's fields: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
const field = { dims: 0x08, type: 0x10, name: 0x42, raw: 0x4a } as const

function varint(value: number): number[] {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80)
  bytes.push(rest)
  return bytes
}
