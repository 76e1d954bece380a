import type { ModelRef, StoredModel } from '../models/types.js'
import type { LLMConfig } from './types.js'

/** The parts of a config that say where models are kept. */
export type StorageConfig = Pick<LLMConfig, 'storage' | 'hubURL' | 'dtype'>

/**
 * Whether a Hub model is stored whole, so that loading it needs no network. False for local models:
 * they are never stored.
 * @throws LLMError `invalid-config`
 */
export async function isModelCached(ref: ModelRef, config?: StorageConfig): Promise<boolean> {
  const { isCached } = await import('../models/index.js')
  return isCached(ref, { storage: config?.storage, hubURL: config?.hubURL, dtype: config?.dtype })
}

/** The Hub models in this browser's storage, with their sizes. */
export async function listStoredModels(config?: StorageConfig): Promise<StoredModel[]> {
  const models = await import('../models/index.js')
  return models.listStoredModels({ storage: config?.storage })
}

/** Removes one Hub model from storage, or all of them. */
export async function clearStoredModels(ref?: ModelRef, config?: StorageConfig): Promise<void> {
  const models = await import('../models/index.js')
  await models.clearStoredModels(ref, { storage: config?.storage })
}
