import type { LoadProgress, ModelRef, StoredModel } from '../models/types.js'
import type { LLMConfig } from './types.js'
import type { EngineSetup } from './validateConfig.js'

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

/** What {@link prefetchModel} reports and listens to. */
export interface PrefetchOptions {
  /** At most one call every 50 ms. */
  onProgress?: (progress: LoadProgress) => void
  /** Ends the download; what has arrived is kept, and the next one goes on there. */
  signal?: AbortSignal
}

/**
 * Downloads a Hub model into the browser's storage without loading it: the files that an engine of this config would load here.
 * @param ref Default: the config's model.
 * @throws LLMError `quota-exceeded`, `storage`, `load-aborted`, `invalid-config` for local models, and what loading gives
 */
export async function prefetchModel(ref?: ModelRef, config: LLMConfig = {}, { onProgress, signal }: PrefetchOptions = {}): Promise<void> {
  const loader = await import('./loader.js')
  await loader.prefetchModel(loader.host, await prefetchSetup(ref, config), onProgress ?? (() => undefined), signal)
}

/** The setup of an engine that would run `ref`, for {@link prefetchModel} of each platform. */
export async function prefetchSetup(ref: ModelRef | undefined, config: LLMConfig): Promise<EngineSetup> {
  const { validateConfig } = await import('./validateConfig.js')
  if (ref === undefined) return validateConfig(config)
  const runtime = config.preferredRuntime === 'transformers' || (!config.models?.onnx && config.models?.transformers) ? 'transformers' : 'onnx'
  return validateConfig({ ...config, preferredRuntime: runtime, models: { [runtime]: ref } })
}
