import { isByteCount, readJSONObject, textOf } from '../jsonValues.js'

/** Which bytes a file in pieces is of, and where these pieces are. */
export interface PieceRecord {
  /** Bytes of the whole file. */
  size: number
  /** Mark of the file's version, as in `PutOptions`. */
  etag: string | undefined
  /** What the server said about the version in its answers: `ETag` or `Last-Modified`. */
  validator: string | undefined
  /** Of a whole file: the SHA-256 that it was found to have. */
  sha256: string | undefined
  /** Names the pieces; no other file's pieces have the same. */
  id: string
  /** Bytes of every piece but the last. */
  pieceBytes: number
}

// No file of a model begins with a dot, see `isSafePath`.
const partialFolder = '.partial/'
const wholeFolder = '.whole/'
const pieceFolder = '.piece/'

/** Where the record of a file that is still arriving is stored. */
export const partialName = (path: string): string => partialFolder + path

/** Where the record of a whole file in pieces is stored: what commits it. */
export const wholeName = (path: string): string => wholeFolder + path

/** Where a piece is stored. */
export const pieceName = (id: string, index: number): string => `${pieceFolder}${id}/${index}`

/** What a stored entry is by its name. */
export function entryKind(name: string): { kind: 'file' | 'partial' | 'whole' | 'piece'; of: string } {
  if (name.startsWith(partialFolder)) return { kind: 'partial', of: name.slice(partialFolder.length) }
  if (name.startsWith(wholeFolder)) return { kind: 'whole', of: name.slice(wholeFolder.length) }
  if (name.startsWith(pieceFolder)) return { kind: 'piece', of: name.slice(pieceFolder.length).replace(/\/\d+$/, '') }
  return { kind: 'file', of: name }
}

/** Sizes of all pieces, in order. */
export function pieceSizes({ size, pieceBytes }: PieceRecord): number[] {
  const count = Math.ceil(size / pieceBytes)
  return Array.from({ length: count }, (_, i) => (i < count - 1 ? pieceBytes : size - i * pieceBytes))
}

/** The record, or undefined for text that is not a whole one. */
export function parsePieceRecord(text: string): PieceRecord | undefined {
  const value = readJSONObject(text)
  if (!value) return undefined
  const { size, etag, validator, sha256, id, pieceBytes } = value
  if (!isByteCount(size) || typeof id !== 'string' || !isByteCount(pieceBytes) || pieceBytes < 1 || size / pieceBytes > 1e6) return undefined
  return { size, id, pieceBytes, etag: textOf(etag), validator: textOf(validator), sha256: textOf(sha256) }
}
