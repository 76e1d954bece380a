import type { AbortProbe } from './generate/AbortProbe.js'
import type { GenerateRequest, GenerateUpdate, LoadedModel } from './types.js'

/** A loaded model that generates. One request at a time. */
export interface Runtime {
  readonly model: LoadedModel
  /**
   * Runs one request; `emit` gets an update per step, the last one with the `finish` event.
   * After an error that is not about the request itself the runtime must not be used again.
   * @throws LLMError
   */
  generate(request: GenerateRequest, emit: (update: GenerateUpdate) => void, probe: AbortProbe): Promise<void>
  /** Frees the model. */
  dispose(): Promise<void>
}
