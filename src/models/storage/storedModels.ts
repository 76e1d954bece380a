import { toLLMError } from '../../errors/index.js'
import { isSafePath } from '../filePath.js'
import { readIndexRecord, readStoredRecord, storedLoad } from '../IndexRecord.js'
import { isLocalId, parseModelRef } from '../modelRef.js'
import { resolveModel, storageKey } from '../resolveModel.js'
import { readLastUsed } from './lastUsed.js'
import { openStorage } from './openStorage.js'
import { localPrefixKey } from './PrefixStore.js'
import { ResumableStorage } from './ResumableStorage.js'
import type { LoadedFile } from '../IndexRecord.js'
import type { ModelStorage } from './ModelStorage.js'
import type { Dtype, ModelRef, StoragePreference, StoredModel, StoredModelFile } from '../types.js'

/** Files below this many bytes are read by people and parsers: who changes them shows. */
const smallFile = 1024 * 1024

/** Which storage is meant. */
export interface StoredModelsOptions {
  /** Default `auto`. A storage that is open already is taken as it is. */
  storage?: StoragePreference | ModelStorage
}

/** What {@link isCached} asks for. */
export interface IsCachedOptions extends StoredModelsOptions {
  /** Server of Hub models. Default `https://huggingface.co`. */
  hubURL?: string
  /** Only a load in this number format counts. Default: any. */
  dtype?: Dtype | 'auto'
}

/**
 * Whether a Hub model is stored whole, so that loading it needs no network. Always false for
 * local models: they are never stored.
 * @throws LLMError `invalid-config`
 */
export async function isCached(ref: ModelRef, options: IsCachedOptions = {}): Promise<boolean> {
  const { id, dtype: ownDtype } = parseModelRef(ref)
  if (isLocalId(id)) return false
  const storage = await storageOf(options)
  const source = resolveModel(ref, { baseURL: 'https://localhost/', hubURL: options.hubURL })
  const record = await readIndexRecord(storage, source)
  if (!record) return false
  const dtype = ownDtype ?? options.dtype ?? 'auto'
  const graphs = dtype === 'auto' ? [...record.loads.keys()] : [record.graphs.get(dtype)]
  for (const graph of graphs) {
    if (graph !== undefined && (await storedLoad(storage, source, record, graph))) return true
  }
  return false
}

/**
 * The models in storage with their files, in the order of their names; also such that were not downloaded to the end.
 * @throws LLMError `storage`
 */
export async function listStoredModels(options: StoredModelsOptions = {}): Promise<StoredModel[]> {
  try {
    return await listModels(await storageOf(options))
  } catch (cause) {
    throw toLLMError(cause, {
      code: 'storage',
      message: 'The browser did not let the kit read its model storage. Private windows and blocked site data cause this.',
      recoverable: true,
    })
  }
}

async function listModels(storage: ModelStorage): Promise<StoredModel[]> {
  const files = new Map<string, StoredModelFile[]>()
  const entries = await storage.list()
  entries.sort((a, b) => compare(a.key, b.key) || compare(a.path, b.path))
  for (const { key, path, size, total = size, sha256 } of entries) {
    // The kit's own records.
    if (!isSafePath(path)) continue
    const file = { path, size, total, isVerified: sha256 !== undefined }
    files.set(key, [...(files.get(key) ?? []), file])
  }
  return Promise.all([...files].map(([key, ofModel]) => describeModel(storage, key, ofModel)))
}

async function describeModel(storage: ModelStorage, key: string, files: StoredModelFile[]): Promise<StoredModel> {
  const record = await readStoredRecord(storage, key)
  const isThere = ({ path, size }: LoadedFile): boolean => files.some((file) => file.path === path && file.size === size && file.total === size)
  const isComplete = [...(record?.loads.values() ?? [])].some((load) => load.every(isThere))
  return {
    key,
    ...splitKey(key),
    files,
    size: files.reduce((sum, { size }) => sum + size, 0),
    state: isComplete ? 'complete' : 'partial',
    isVerified: files.every(({ isVerified, total }) => isVerified || total < smallFile),
    lastUsed: await readLastUsed(storage, key),
  }
}

/**
 * Removes one stored model (`org/name`, or with a revision), or all of them. Of local models, there is at most the
 * beginning of their prompts.
 * @throws LLMError `invalid-config`
 */
export async function clearStoredModels(ref?: ModelRef, options: StoredModelsOptions = {}): Promise<void> {
  const storage = await storageOf(options)
  if (ref !== undefined) {
    const { id, revision } = parseModelRef(ref)
    await storage.delete(isLocalId(id) ? localPrefixKey(id) : storageKey(id, revision ?? 'main'))
    return
  }
  await Promise.all([...(await storage.keys())].map((key) => storage.delete(key)))
}

async function storageOf({ storage = 'auto' }: StoredModelsOptions): Promise<ResumableStorage> {
  return ResumableStorage.over(typeof storage === 'string' ? await openStorage(storage) : storage)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function splitKey(key: string): { id: string; revision: string } {
  const at = key.lastIndexOf('@')
  return { id: key.slice(0, at), revision: key.slice(at + 1) }
}
