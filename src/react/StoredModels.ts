import { toLLMError, type LLMError } from '../errors/index.js'
import type { PrefetchOptions } from '../engine/storedModels.js'
import type { ModelRef, StoredModel } from '../models/types.js'
import { Announcer } from './Announcer.js'
import type { EngineSlot } from './EngineSlot.js'

/** What browser storage holds, as last looked at. */
export type ModelStorageState = {
  /** Stored Hub models. */
  models: readonly StoredModel[]
  /** Bytes of all stored models. */
  size: number
} & ({ status: 'loading' | 'ready'; error: undefined } | { status: 'error'; error: LLMError })

/** What every hook shows before storage has been looked at. */
export const unknownStorage: ModelStorageState = { status: 'loading', models: [], size: 0, error: undefined }

/** A provider's view of the models in browser storage, shared by its hooks. */
export class StoredModels extends Announcer {
  readonly #engine: EngineSlot
  #snapshot = unknownStorage
  #looks = 0

  constructor(engine: EngineSlot) {
    super()
    this.#engine = engine
  }

  getSnapshot = (): ModelStorageState => this.#snapshot

  refresh = async (): Promise<void> => {
    const look = ++this.#looks
    const { models, size } = this.#snapshot
    const next = await this.#list().then(
      (found): ModelStorageState => ({
        status: 'ready',
        models: found,
        size: found.reduce((sum, model) => sum + model.size, 0),
        error: undefined,
      }),
      (cause: unknown): ModelStorageState => ({ status: 'error', models, size, error: storageError(cause) }),
    )
    // A later look has newer news.
    if (look !== this.#looks) return
    this.#snapshot = next
    this.announce()
  }

  isCached = async (ref: ModelRef): Promise<boolean> => {
    const { isModelCached } = await import('../engine/index.js')
    return isModelCached(ref, this.#engine.config)
  }

  prefetch = async (ref?: ModelRef, options?: PrefetchOptions): Promise<void> => {
    const { prefetchModel } = await import('../engine/index.js')
    try {
      await prefetchModel(ref, this.#engine.config, options)
    } finally {
      await this.refresh()
    }
  }

  remove = async (ref: ModelRef): Promise<void> => this.#clear(ref)

  clear = async (): Promise<void> => this.#clear()

  async #list(): Promise<StoredModel[]> {
    const { listStoredModels } = await import('../engine/index.js')
    return listStoredModels(this.#engine.config)
  }

  async #clear(ref?: ModelRef): Promise<void> {
    const { clearStoredModels } = await import('../engine/index.js')
    await clearStoredModels(ref, this.#engine.config)
    await this.refresh()
  }
}

function storageError(cause: unknown): LLMError {
  return toLLMError(cause, {
    code: 'storage',
    message: 'The browser did not let the kit read its model storage. Private windows and blocked site data cause this.',
    recoverable: true,
  })
}
