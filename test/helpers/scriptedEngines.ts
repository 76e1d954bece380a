import type { PrefetchOptions } from '../../src/engine/storedModels.js'
import { LLMError } from '../../src/errors/index.js'
import type { Engine, LLMConfig } from '../../src/engine/types.js'
import type { ModelRef, StoredModel } from '../../src/models/types.js'
import { ScriptedEngine } from './ScriptedEngine.js'

/** Stands in for what does the work in `src/engine`: every engine made is a scripted one. */
export class ScriptedEngines {
  readonly made: ScriptedEngine[] = []
  readonly configs: LLMConfig[] = []
  stored: StoredModel[] = []
  storageFailure: Error | undefined

  get last(): ScriptedEngine {
    const engine = this.made.at(-1)
    if (!engine) throw new Error('No engine was made.')
    return engine
  }

  get alive(): ScriptedEngine[] {
    return this.made.filter((engine) => !engine.isDisposed)
  }

  reset(): void {
    this.made.length = 0
    this.configs.length = 0
    this.stored = []
    this.storageFailure = undefined
  }

  /** In place of `src/engine/ModelEngine.js`. */
  readonly engineModule = {
    ModelEngine: engineClass((config) => {
      const engine = new ScriptedEngine()
      this.made.push(engine)
      this.configs.push(config)
      return engine
    }),
  }

  /** In place of `src/engine/storedModels.js`. */
  readonly storageModule = {
    listStoredModels: (): Promise<StoredModel[]> =>
      this.storageFailure ? Promise.reject(this.storageFailure) : Promise.resolve([...this.stored]),
    isModelCached: (ref: ModelRef): Promise<boolean> =>
      Promise.resolve(this.stored.some(({ id }) => id === (typeof ref === 'string' ? ref : ref.id))),
    prefetchModel: async (ref?: ModelRef, _config?: LLMConfig, options?: PrefetchOptions): Promise<void> => {
      if (options?.signal?.aborted) throw new LLMError({ code: 'load-aborted', message: 'aborted', recoverable: true })
      const id = String(ref ?? 'org/own')
      const file = { path: 'onnx/model_q4.onnx', size: 7, total: 7, isVerified: true }
      const state = { state: 'complete', isVerified: true, lastUsed: undefined } as const
      this.stored = [...this.stored, { key: `${id}@main`, id, revision: 'main', files: [file], size: 7, ...state }]
      options?.onProgress?.({ phase: 'downloading', loaded: 7, total: 7, fraction: 1, bytesPerSecond: 0, etaSeconds: undefined, file: undefined })
    },
    clearStoredModels: (ref?: ModelRef): Promise<void> => {
      this.stored = ref === undefined ? [] : this.stored.filter(({ id }) => id !== ref)
      return Promise.resolve()
    },
  }
}

/** A class whose instances come from `make`. */
function engineClass(make: (config: LLMConfig) => Engine): new (config: LLMConfig) => Engine {
  return function ModelEngine(config: LLMConfig) {
    return make(config)
  } as unknown as new (config: LLMConfig) => Engine
}

export const engines = new ScriptedEngines()
