// The messages between engine and worker. Types only: the engine may import nothing else of the worker.
import type { GenerateEvent, GenerateRequest, LoadedModel, LocalRuntimeName } from '../inference/types.js'
import type { Device, Dtype, LoadProgress, ModelOptions, StoragePreference } from '../models/types.js'

/** Everything a worker needs to load a model. */
export interface LoadRequest {
  runtime: LocalRuntimeName
  model: ModelOptions
  device: Device
  /** WebGPU features of the adapter, e.g. `shader-f16`. Empty on CPUs. */
  adapterFeatures: string[]
  dtype: Dtype | 'auto'
  storage: StoragePreference
  hubURL: string
  hubToken: string | undefined
  threads: number | undefined
  /** What relative model paths are relative to: the page's URL, or a `file:` URL in Node. */
  baseURL: string
}

/** The worker's Comlink surface. */
export interface EngineWorker {
  load(request: LoadRequest, onProgress: (progress: LoadProgress) => void): Promise<LoadedModel>
  /**
   * Runs one generation; resolves after its `finish` event was sent. `abortFlag` is an
   * `Int32Array`'s buffer: any non-zero value at index 0 ends the generation at the next step.
   */
  generate(
    request: GenerateRequest,
    onEvent: (event: GenerateEvent) => void,
    abortFlag: SharedArrayBuffer | undefined,
  ): Promise<void>
  /** Ends the running generation at the next step, for pages without SharedArrayBuffer. */
  abort(): void
}
