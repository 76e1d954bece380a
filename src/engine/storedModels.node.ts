import type { ModelRef, StoredModel } from '../models/types.js'
import type { StorageConfig } from './storedModels.js'

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

async function diskStorage(config: StorageConfig | undefined) {
  if (config?.storage === 'none') return 'none' as const
  const { NodeStorage } = await import('../models/node.js')
  return new NodeStorage()
}
