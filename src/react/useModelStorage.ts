import { useEffect, useState } from 'react'
import type { PrefetchOptions } from '../engine/storedModels.js'
import type { ModelRef } from '../models/types.js'
import { useLLMScope } from './context.js'
import { idleState } from './llmState.js'
import { unknownStorage, type ModelStorageState } from './StoredModels.js'
import { useTracked } from './useTracked.js'

/** What {@link useModelStorage} can do. Every function is the same one in every render. */
export interface ModelStorageFunctions {
  /** Whether every file that loading this model here needs is stored. Always false for local models. */
  isCached: (ref: ModelRef) => Promise<boolean>
  /**
   * Downloads a Hub model without loading it; left out, the provider's own. Goes on where an earlier download stopped.
   * @throws LLMError `quota-exceeded`, `storage`, `load-aborted`, and what loading gives
   */
  prefetch: (ref?: ModelRef, options?: PrefetchOptions) => Promise<void>
  /** Deletes a model's stored files. A loaded model goes on running. */
  remove: (ref: ModelRef) => Promise<void>
  /** Deletes all stored models. */
  clear: () => Promise<void>
  /** Looks again, e.g. after another tab changed something. */
  refresh: () => Promise<void>
}

/** What {@link useModelStorage} returns, told apart by `status`. */
export type UseModelStorageResult = ModelStorageState & ModelStorageFunctions

/**
 * The downloaded models in browser storage. Looks when the component mounts, when a model has
 * become ready, and after `remove` and `clear`.
 * @throws LLMError `invalid-config` outside of a provider.
 */
export function useModelStorage(): UseModelStorageResult {
  const { state, storage } = useLLMScope('useModelStorage')
  const { isReady } = useTracked(state, idleState, {})
  useEffect(() => void storage.refresh(), [storage, isReady])

  const [functions] = useState((): ModelStorageFunctions => {
    const { isCached, prefetch, remove, clear, refresh } = storage
    return { isCached, prefetch, remove, clear, refresh }
  })
  return useTracked(storage, unknownStorage, functions)
}
