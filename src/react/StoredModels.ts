import type { LLMError } from '../errors/index.js'
import type { PrefetchOptions } from '../engine/storedModels.js'
import type { ModelRef, StoredModel } from '../models/types.js'
import { Announcer } from './Announcer.js'
import type { EngineSlot } from './EngineSlot.js'
import { importEngine } from './importEngine.js'

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
      (cause: unknown): ModelStorageState => ({ status: 'error', models, size, error: cause as LLMError }),
    )
    // A later look has newer news.
    if (look !== this.#looks) return
    this.#snapshot = next
    this.announce()
  }

  isCached = async (ref: ModelRef): Promise<boolean> => (await importEngine()).isModelCached(ref, this.#engine.config)

  prefetch = (ref?: ModelRef, options?: PrefetchOptions): Promise<void> =>
    this.#change(async ({ prefetchModel }) => prefetchModel(ref, this.#engine.config, options))

  remove = (ref: ModelRef): Promise<void> => this.#clear(ref)

  clear = (): Promise<void> => this.#clear()

  #clear(ref?: ModelRef): Promise<void> {
    return this.#change(({ clearStoredModels }) => clearStoredModels(ref, this.#engine.config))
  }

  async #change(change: (from: Awaited<ReturnType<typeof importEngine>>) => Promise<void>): Promise<void> {
    try {
      await change(await importEngine())
    } finally {
      await this.refresh()
    }
  }

  async #list(): Promise<StoredModel[]> {
    return (await importEngine()).listStoredModels(this.#engine.config)
  }
}
