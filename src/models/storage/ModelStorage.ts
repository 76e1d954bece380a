/** A file found in storage. */
export interface StoredFile {
  /** Bytes. */
  size: number
  /** The version mark it was stored with. */
  etag: string | undefined
  /** The SHA-256 (hex) that its bytes were found to have before they were stored; undefined where there was none to compare with. */
  sha256?: string | undefined
  stream(): ReadableStream<Uint8Array>
}

/** One stored file, as listed. */
export interface StoredEntry {
  /** The model's storage key, e.g. `org/name@main`. */
  key: string
  /** Path relative to the model's root. */
  path: string
  /** Bytes that are stored. */
  size: number
  /** As {@link StoredFile.sha256}. */
  sha256?: string | undefined
  /** Bytes of the whole file, where only a part of it is there. */
  total?: number | undefined
}

/** What a file is put into storage with. */
export interface PutOptions {
  /** Mark of the file's version, compared before a stored file is used. */
  etag?: string
  /** The SHA-256 (hex) that the bytes were found to have. */
  sha256?: string | undefined
}

/**
 * Keeps model files between visits. A file is either stored whole or not at all: no reader ever
 * sees half of one, whatever moment the writer is killed at.
 */
export interface ModelStorage {
  /** What keeps the files, for people and metrics. */
  readonly name: 'opfs' | 'cache' | 'none' | 'disk'
  /** The stored file, or undefined where there is none that is whole. */
  match(key: string, path: string): Promise<StoredFile | undefined>
  /**
   * Stores a file in one step, replacing an older one.
   * @throws LLMError `quota-exceeded` or `storage`.
   */
  put(key: string, path: string, bytes: Uint8Array, options?: PutOptions): Promise<void>
  /** Every whole file of every model. */
  list(): Promise<StoredEntry[]>
  /** Bytes that can still be stored; undefined where nobody tells. */
  room?(): Promise<number | undefined>
  /** Removes one file, or the whole model when `path` is left out. Fine when there is nothing. */
  delete(key: string, path?: string): Promise<void>
}
