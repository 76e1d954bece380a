import { createEngine } from '../engine/index.js'
import type { Engine, LLMConfig, ModelState, ReadyModel } from '../engine/types.js'
import { LLMError } from '../errors/index.js'
import type { GenerateEvent, GenerateMetrics, GenerateRequest } from '../inference/types.js'
import { AbortGroup } from './AbortGroup.js'
import { idleState, toModelState, type LLMState } from './llmState.js'

/** Where a provider's engine comes from: made from a config, or the app's own. */
export type EngineSource = { config: LLMConfig } | { engine: Engine }

const idle: ModelState = { status: 'idle' }

/**
 * A provider's engine: one fixed object for hooks and conversations, in front of engines that come
 * and go with the config. Makes the engine at its first use and disposes what it made.
 */
export class EngineSlot implements Engine {
  #source: EngineSource
  #engine: Engine | undefined
  #disconnect: (() => void) | undefined
  #isClosed = false
  #metrics: GenerateMetrics | undefined
  #snapshotOf: ModelState = idle
  #snapshot: LLMState = idleState
  readonly #running = new AbortGroup(() => this.announce())
  readonly #listeners = new Set<() => void>()

  constructor(source: EngineSource) {
    this.#source = source
    if ('engine' in source) this.#engine = source.engine
  }

  /** The config of the present engine, unless the app made it. */
  get config(): LLMConfig | undefined {
    return 'config' in this.#source ? this.#source.config : undefined
  }

  /** Lets a slot that was closed be used again. */
  open(): void {
    this.#isClosed = false
    if ('engine' in this.#source) this.#connect(this.#source.engine)
  }

  /** Takes another source, without telling subscribers: {@link announce} does. */
  setSource(source: EngineSource): void {
    if (source === this.#source) return
    this.#retire()
    this.#source = source
    if ('engine' in source) this.#connect(source.engine)
  }

  /** Tells subscribers that there may be a new state. */
  announce(): void {
    for (const listener of [...this.#listeners]) listener()
  }

  /** Frees the engine. Calls that come after are told `disposed`. */
  dispose(): void {
    this.#isClosed = true
    this.#retire()
    this.announce()
  }

  getState = (): ModelState => this.#engine?.getState() ?? idle

  getSnapshot = (): LLMState => {
    const state = this.getState()
    const isGenerating = this.#running.size > 0
    const { isGenerating: wasGenerating, metrics } = this.#snapshot
    if (state !== this.#snapshotOf || isGenerating !== wasGenerating || metrics !== this.#metrics) {
      this.#snapshotOf = state
      this.#snapshot = { ...toModelState(state), isGenerating, metrics: this.#metrics }
    }
    return this.#snapshot
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  load = async (options?: { signal?: AbortSignal }): Promise<ReadyModel> => this.#use().load(options)

  unload = async (): Promise<void> => this.#engine?.unload()

  async *generate(
    request: GenerateRequest,
    options?: { signal?: AbortSignal },
  ): AsyncGenerator<GenerateEvent, void, undefined> {
    const engine = this.#use()
    const events = this.#running.run((signal) => engine.generate(request, { signal }), options?.signal)
    for await (const event of events) {
      if (event.type === 'finish' && engine === this.#engine) this.#metrics = event.metrics
      yield event
    }
  }

  #use(): Engine {
    if (this.#isClosed) {
      throw new LLMError({
        code: 'disposed',
        message: 'The <LLMProvider> that this function belongs to has been unmounted. Use the hooks of a mounted one.',
      })
    }
    if (this.#engine) return this.#engine
    const engine = 'engine' in this.#source ? this.#source.engine : createEngine(this.#source.config)
    this.#connect(engine)
    return engine
  }

  #connect(engine: Engine): void {
    this.#disconnect?.()
    this.#engine = engine
    this.#disconnect = engine.subscribe(() => this.announce())
  }

  #retire(): void {
    this.#disconnect?.()
    this.#disconnect = undefined
    this.#running.abort()
    const engine = this.#engine
    this.#engine = undefined
    this.#metrics = undefined
    // A task later, so that the aborted generations end as stopped, not as failed.
    if (engine && 'config' in this.#source) setTimeout(() => engine.dispose())
  }
}
