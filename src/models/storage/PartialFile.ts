import { joinStreams } from './joinStreams.js'
import { partialName, pieceName, pieceSizes, wholeName } from './PieceRecord.js'
import type { ModelStorage, StoredFile } from './ModelStorage.js'
import type { PieceRecord } from './PieceRecord.js'

/** Where a {@link PartialFile} is. */
export interface PartialPlace {
  storage: ModelStorage
  key: string
  path: string
}

/**
 * A file that is still arriving. What was appended stays, whatever moment the writer is killed at: every piece is a
 * stored file of its own. Nobody finds it under its name before {@link commit}.
 */
export class PartialFile {
  readonly record: PieceRecord
  readonly #place: PartialPlace
  readonly #sizes: number[]
  readonly #pieces: StoredFile[]
  #stored: number

  /** @param pieces Those that are there, from the first on. */
  constructor(place: PartialPlace, record: PieceRecord, pieces: StoredFile[] = []) {
    this.#place = place
    this.record = record
    this.#sizes = pieceSizes(record)
    this.#pieces = pieces
    this.#stored = pieces.length
  }

  /** Bytes that are there from the file's beginning on. */
  get length(): number {
    return Math.min(this.#stored * this.record.pieceBytes, this.record.size)
  }

  /** Bytes the next piece has to have; 0 when all are there. */
  get nextSize(): number {
    return this.#sizes[this.#stored] ?? 0
  }

  /** The bytes that were there when the file was opened. */
  stream(): ReadableStream<Uint8Array> {
    return joinStreams(this.#pieces.map((piece) => () => piece.stream()))
  }

  /**
   * Adds the next piece, of {@link nextSize} bytes.
   * @throws LLMError `quota-exceeded` or `storage`; what was there before stays.
   */
  async append(piece: Uint8Array): Promise<void> {
    if (piece.length !== this.nextSize) throw new Error(`A piece of ${piece.length} bytes came where ${this.nextSize} were expected`)
    const { storage, key } = this.#place
    await storage.put(key, pieceName(this.record.id, this.#stored), piece)
    this.#stored++
  }

  /**
   * Makes it the file of its name, in one step. All pieces have to be there.
   * @param sha256 What its bytes were found to have.
   */
  async commit(sha256: string | undefined): Promise<void> {
    if (this.nextSize !== 0) throw new Error(`Only ${this.length} of ${this.record.size} bytes are there`)
    const { storage, key, path } = this.#place
    await storage.put(key, wholeName(path), asBytes({ ...this.record, sha256 }))
    await storage.delete(key, partialName(path))
  }

  /** Removes it. */
  async discard(): Promise<void> {
    const { storage, key, path } = this.#place
    // Record first: from then on the pieces belong to nothing.
    await storage.delete(key, partialName(path))
    await removePieces(storage, key, this.record)
    this.#stored = 0
    this.#pieces.length = 0
  }
}

/** A record as it is stored. */
export function asBytes(record: PieceRecord): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(record))
}

/** Removes the pieces a record names. */
export async function removePieces(storage: ModelStorage, key: string, record: PieceRecord): Promise<void> {
  await Promise.all(pieceSizes(record).map((_, i) => storage.delete(key, pieceName(record.id, i))))
}
