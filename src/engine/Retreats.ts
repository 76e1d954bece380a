import { isLLMError, LLMError } from '../errors/index.js'
import type { Device } from '../models/types.js'
import type { ReadyModel } from './types.js'
import type { EngineSetup } from './validateConfig.js'

/** Losses of the GPU that lead away from it, and within how many milliseconds. */
const LOSSES = 2
const LOSSES_WITHIN_MS = 5 * 60_000

/** What an engine does without from now on, because it failed: the GPU, more threads than one. */
export class Retreats {
  #threads: LLMError | undefined
  #gpu: LLMError | undefined
  #lossTimes: number[] = []

  /** Notes why a model on `device` has ended, or could not be loaded. True if the next load will be another one for it. */
  note(error: unknown, device?: Device): boolean {
    if (!isLLMError(error)) return false
    if (error.code === 'session-failed' && error.subject === 'threads') {
      const isNew = this.#threads === undefined
      this.#threads = error
      return isNew
    }
    return device === 'webgpu' && (error.code === 'device-lost' || error.code === 'worker-hung') && this.#noteLoss(error)
  }

  /** The setup without what was given up. */
  apply(setup: EngineSetup): EngineSetup {
    return { ...setup, ...(this.#threads && { threads: 1 }), ...(this.#leaves(setup) && { device: 'wasm' }) }
  }

  /** Says in a model that was loaded with {@link apply} what was given up. */
  explain(model: ReadyModel, setup: EngineSetup): ReadyModel {
    const told = this.#threads ? { ...model, backendReason: `${model.backendReason}. More were given up: ${this.#threads.message}` } : model
    const { message } = this.#gpu ?? {}
    if (message === undefined || !this.#leaves(setup)) return told
    const warning = { code: 'device-lost' as const, message, subject: 'webgpu' }
    return { ...told, deviceReason: message, warnings: [...(told.warnings ?? []), warning] }
  }

  /** A GPU that was asked for by name is not left. */
  #leaves({ device }: EngineSetup): boolean {
    return this.#gpu !== undefined && device === 'auto'
  }

  #noteLoss(error: LLMError): boolean {
    const now = performance.now()
    this.#lossTimes = [...this.#lossTimes, now].filter((time) => now - time < LOSSES_WITHIN_MS)
    if (this.#lossTimes.length < LOSSES || this.#gpu) return false
    this.#gpu = new LLMError({
      code: 'device-lost',
      subject: 'webgpu',
      message: `The model failed ${LOSSES} times on the GPU within ${LOSSES_WITHIN_MS / 60_000} minutes, so WASM was taken, until the model is unloaded. The last time: ${error.message}`,
    })
    return true
  }
}
