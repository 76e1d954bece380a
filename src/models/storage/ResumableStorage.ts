import { joinStreams } from './joinStreams.js'
import { asBytes, PartialFile, removePieces } from './PartialFile.js'
import { entryKind, parsePieceRecord, partialName, pieceName, pieceSizes, wholeName } from './PieceRecord.js'
import type { ModelStorage, PutOptions, StoredEntry, StoredFile } from './ModelStorage.js'
import type { PieceRecord } from './PieceRecord.js'

/** What a file that is about to arrive is known by. */
export type ArrivingFile = Pick<PieceRecord, 'size' | 'etag' | 'validator' | 'pieceBytes'>

/**
 * Adds to any storage that large files may arrive in pieces and go on later. Pieces and records are plain files of the
 * storage underneath, so each of them is there whole or not at all; a record that is stored last makes pieces a file.
 */
export class ResumableStorage implements ModelStorage {
  readonly #inner: ModelStorage

  private constructor(inner: ModelStorage) {
    this.#inner = inner
  }

  /** The storage with pieces; itself where it has them. */
  static over(storage: ModelStorage): ResumableStorage {
    return storage instanceof ResumableStorage ? storage : new ResumableStorage(storage)
  }

  get name(): ModelStorage['name'] {
    return this.#inner.name
  }

  async match(key: string, path: string): Promise<StoredFile | undefined> {
    const record = await this.#record(key, wholeName(path))
    const whole = record && (await this.#whole(key, record))
    return whole ?? this.#inner.match(key, path)
  }

  async put(key: string, path: string, bytes: Uint8Array, options?: PutOptions): Promise<void> {
    const old = await this.#record(key, wholeName(path))
    await this.#inner.put(key, path, bytes, options)
    if (old) await this.#remove(key, wholeName(path), old)
  }

  async room(): Promise<number | undefined> {
    return this.#inner.room?.()
  }

  async list(): Promise<StoredEntry[]> {
    const entries = (await this.#inner.list()).map((entry) => ({ ...entry, ...entryKind(entry.path) }))
    const arrived = new Map<string, number>()
    for (const { key, kind, of, size } of entries) {
      if (kind === 'piece') arrived.set(`${key}/${of}`, (arrived.get(`${key}/${of}`) ?? 0) + size)
    }
    const wholes = new Map<string, StoredEntry>()
    const partials = new Map<string, StoredEntry>()
    for (const { key, path, kind, of } of entries) {
      const record = kind === 'whole' || kind === 'partial' ? await this.#record(key, path) : undefined
      if (!record) continue
      const size = arrived.get(`${key}/${record.id}`) ?? 0
      if (kind === 'whole' && size === record.size) wholes.set(`${key} ${of}`, { key, path: of, size, sha256: record.sha256 })
      else partials.set(`${key} ${of}`, { key, path: of, size, total: record.size })
    }
    const plain = entries.filter(({ key, path, kind }) => kind === 'file' && !wholes.has(`${key} ${path}`))
    for (const { key, path, size, sha256 } of plain) wholes.set(`${key} ${path}`, { key, path, size, sha256 })
    return [...wholes.values(), ...[...partials].filter(([name]) => !wholes.has(name)).map(([, entry]) => entry)]
  }

  /** The keys under which anything is stored, also what {@link list} does not show because its records are damaged. */
  async keys(): Promise<Set<string>> {
    return new Set((await this.#inner.list()).map(({ key }) => key))
  }

  async delete(key: string, path?: string): Promise<void> {
    if (path === undefined) return this.#inner.delete(key)
    for (const name of [wholeName(path), partialName(path)]) {
      const record = await this.#record(key, name)
      if (record) await this.#remove(key, name, record)
    }
    await this.#inner.delete(key, path)
  }

  /** What is there of a file that did not arrive to its end; undefined where there is nothing. */
  async resume(key: string, path: string): Promise<PartialFile | undefined> {
    const record = await this.#record(key, partialName(path))
    if (!record) return undefined
    const pieces: StoredFile[] = []
    for (const size of pieceSizes(record)) {
      const piece = await this.#inner.match(key, pieceName(record.id, pieces.length))
      if (piece?.size !== size) break
      pieces.push(piece)
    }
    return new PartialFile({ storage: this.#inner, key, path }, record, pieces)
  }

  /**
   * Begins a file that arrives in pieces. What was there of an unfinished one goes.
   * @throws LLMError `quota-exceeded` or `storage`
   */
  async begin(key: string, path: string, file: ArrivingFile): Promise<PartialFile> {
    await (await this.resume(key, path))?.discard()
    await this.#sweep(key)
    const id = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`
    const record: PieceRecord = { ...file, sha256: undefined, id }
    await this.#inner.put(key, partialName(path), asBytes(record))
    return new PartialFile({ storage: this.#inner, key, path }, record)
  }

  /** Makes an arrived file the one of its name and removes what it replaces. */
  async commit(key: string, path: string, partial: PartialFile, sha256: string | undefined): Promise<void> {
    const old = await this.#record(key, wholeName(path))
    await partial.commit(sha256)
    if (old && old.id !== partial.record.id) await removePieces(this.#inner, key, old)
    await this.#inner.delete(key, path)
  }

  async #whole(key: string, record: PieceRecord): Promise<StoredFile | undefined> {
    const sizes = pieceSizes(record)
    const pieces = await Promise.all(sizes.map((_, i) => this.#inner.match(key, pieceName(record.id, i))))
    const whole = pieces.filter((piece, i): piece is StoredFile => piece?.size === sizes[i])
    if (whole.length !== sizes.length) return undefined
    const { size, etag, sha256 } = record
    return { size, etag, sha256, stream: () => joinStreams(whole.map((piece) => () => piece.stream())) }
  }

  async #record(key: string, name: string): Promise<PieceRecord | undefined> {
    const file = await this.#inner.match(key, name)
    return file && parsePieceRecord(await new Response(file.stream()).text())
  }

  async #remove(key: string, name: string, record: PieceRecord): Promise<void> {
    await this.#inner.delete(key, name)
    await removePieces(this.#inner, key, record)
  }

  /** Removes pieces that belong to no record: a writer died while it removed them. */
  async #sweep(key: string): Promise<void> {
    const entries = (await this.#inner.list()).filter((entry) => entry.key === key)
    const kept = new Set<string>()
    for (const { path } of entries) {
      const { kind } = entryKind(path)
      if (kind === 'whole' || kind === 'partial') kept.add((await this.#record(key, path))?.id ?? '')
    }
    for (const { path } of entries) {
      const { kind, of } = entryKind(path)
      if (kind === 'piece' && !kept.has(of)) await this.#inner.delete(key, path)
    }
  }
}
