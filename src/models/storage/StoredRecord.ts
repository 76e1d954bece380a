import { isByteCount, readJSONObject, textOf } from '../jsonValues.js'

/**
 * What commits a stored file: it names the data file and its size. It is written only after the
 * data is complete, so data without a record, or a record that was cut, counts as nothing.
 */
export interface StoredRecord {
  path: string
  size: number
  etag: string | undefined
  sha256: string | undefined
  /** Name of the data file beside the record; a new one for every write. */
  data: string
}

const suffix = '.json'

/** Name of the record of a file. */
export function recordName(path: string): string {
  return encodeURIComponent(path) + suffix
}

/** True for names that {@link recordName} gives. */
export function isRecordName(name: string): boolean {
  return name.endsWith(suffix)
}

/** A data file's name that no other writer uses. */
export function newDataName(): string {
  return `${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}.bin`
}

/** The record, or undefined for text that is not a whole one. */
export function parseRecord(text: string): StoredRecord | undefined {
  const value = readJSONObject(text)
  if (!value) return undefined
  const { path, size, etag, sha256, data } = value
  if (typeof path !== 'string' || !isByteCount(size) || typeof data !== 'string') return undefined
  return { path, size, data, etag: textOf(etag), sha256: textOf(sha256) }
}
