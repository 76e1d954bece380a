import { isByteCount, isJSONObject, readJSONObject } from './jsonValues.js'
import { isDtype } from './modelRef.js'
import type { ModelStorage } from './storage/ModelStorage.js'
import type { Dtype, ModelSource } from './types.js'

/** One file of a finished load. */
export interface LoadedFile {
  path: string
  size: number
  etag: string
}

/** What finished loads leave in storage, so that the next one asks no server. */
export interface IndexRecord {
  /** URL of the root the files came from; another Hub's files are not taken for this one's. */
  root: string
  /** Graph file by number format. */
  graphs: Map<Dtype, string>
  /** All files of each finished load, by its graph's path. */
  loads: Map<string, LoadedFile[]>
}

/** Where the record is stored. No file of a model can have this name, see `isSafePath`. */
export const indexRecordPath = '.index.json'

/** The record of a model, or undefined where no load was finished. */
export async function readIndexRecord(storage: ModelStorage, source: ModelSource): Promise<IndexRecord | undefined> {
  const record = await readStoredRecord(storage, source.key)
  return record?.root === source.root ? record : undefined
}

/** The record under a storage key, whatever server the files came from. */
export async function readStoredRecord(storage: ModelStorage, key: string): Promise<IndexRecord | undefined> {
  const stored = await storage.match(key, indexRecordPath)
  return stored && parse(await new Response(stored.stream()).text())
}

/** Adds a finished load to the record. Earlier ones stay; `storedLoad` tells whether their files still do. */
export async function writeIndexRecord(
  storage: ModelStorage,
  source: ModelSource,
  graphs: ReadonlyMap<Dtype, string>,
  load: { graphPath: string; files: LoadedFile[] },
): Promise<void> {
  const earlier = await readIndexRecord(storage, source)
  const loads = new Map([...(earlier?.loads ?? []), [load.graphPath, load.files]])
  const text = JSON.stringify({ formatVersion: 1, root: source.root, graphs: [...graphs], loads: [...loads] })
  await storage.put(source.key, indexRecordPath, new TextEncoder().encode(text))
}

/** The files of a finished load, if every one of them is still stored as it was. */
export async function storedLoad(
  storage: ModelStorage,
  source: ModelSource,
  record: IndexRecord,
  graphPath: string,
): Promise<LoadedFile[] | undefined> {
  const files = record.loads.get(graphPath)
  if (!files) return undefined
  const found = await Promise.all(files.map(({ path }) => storage.match(source.key, path)))
  return files.every(({ size, etag }, i) => found[i]?.size === size && found[i].etag === etag) ? files : undefined
}

function parse(text: string): IndexRecord | undefined {
  const value = readJSONObject(text)
  if (value?.formatVersion !== 1 || typeof value.root !== 'string') return undefined
  if (!isPairs(value.graphs) || !isPairs(value.loads)) return undefined
  const graphs = new Map<Dtype, string>()
  for (const [dtype, path] of value.graphs) if (isDtype(dtype) && typeof path === 'string') graphs.set(dtype, path)
  const loads = new Map<string, LoadedFile[]>()
  for (const [path, files] of value.loads) if (isFiles(files)) loads.set(path, files)
  return { root: value.root, graphs, loads }
}

function isPairs(value: unknown): value is [string, unknown][] {
  return Array.isArray(value) && value.every((pair) => Array.isArray(pair) && typeof pair[0] === 'string')
}

function isFiles(value: unknown): value is LoadedFile[] {
  return Array.isArray(value) && value.every((file) => isJSONObject(file) && typeof file.path === 'string' && isByteCount(file.size) && typeof file.etag === 'string')
}
