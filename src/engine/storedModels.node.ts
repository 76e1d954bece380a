import type { ModelRef, StoredModel } from '../models/types.js'
import { prefetchSetup, type PrefetchOptions, type StorageConfig } from './storedModels.js'
import type { LLMConfig } from './types.js'

// The Node counterparts of storedModels.ts: models are kept in a folder on disk.

/** Whether a Hub model is stored whole on this machine. False for local models. */
export async function isModelCached(ref: ModelRef, config?: StorageConfig): Promise<boolean> {
  const { isCached } = await import('../models/index.js')
  return isCached(ref, { storage: await diskStorage(config), hubURL: config?.hubURL, dtype: config?.dtype })
}

/** The Hub models stored on this machine, with their sizes. */
export async function listStoredModels(config?: StorageConfig): Promise<StoredModel[]> {
  const models = await import('../models/index.js')
  return models.listStoredModels({ storage: await diskStorage(config) })
}

/** Removes one stored Hub model from this machine, or all of them. */
export async function clearStoredModels(ref?: ModelRef, config?: StorageConfig): Promise<void> {
  const models = await import('../models/index.js')
  await models.clearStoredModels(ref, { storage: await diskStorage(config) })
}

/**
 * Downloads a Hub model into the folder on disk without loading it: the files that an engine of this config would load here.
 * @param ref Default: the config's model.
 * @throws LLMError `quota-exceeded`, `storage`, `load-aborted`, `invalid-config` for local models, and what loading gives
 */
export async function prefetchModel(ref?: ModelRef, config: LLMConfig = {}, { onProgress, signal }: PrefetchOptions = {}): Promise<void> {
  const loader = await import('./loader.node.js')
  await loader.prefetchModel(loader.host, await prefetchSetup(ref, config), onProgress ?? (() => undefined), signal)
}

async function diskStorage(config: StorageConfig | undefined) {
  if (config?.storage === 'none') return 'none' as const
  const { NodeStorage } = await import('../models/node.js')
  return new NodeStorage()
}
