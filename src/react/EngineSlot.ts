import type * as EngineModule from '../engine/index.js'
import { startingState } from '../engine/startingState.js'
import type { Engine, LLMConfig, ModelState, ReadyModel } from '../engine/types.js'
import { LLMError } from '../errors/index.js'
import type { GenerateEvent, GenerateMetrics, GenerateRequest } from '../inference/types.js'
import { AbortGroup } from './AbortGroup.js'
import { Announcer } from './Announcer.js'
import { importEngine } from './importEngine.js'
import { idleState, toModelState, type LLMState } from './llmState.js'

/** Where a provider's engine comes from: made from a config, or the app's own. */
export type EngineSource = { config: LLMConfig } | { engine: Engine }

const idle: ModelState = { status: 'idle' }

/**
 * A provider's engine: one fixed object for hooks and conversations, in front of engines that come
 * and go with the config. Fetches the engine's code at the first use, and disposes what it made.
 */
export class EngineSlot extends Announcer implements Engine {
  #source: EngineSource
  #engine: Engine | undefined
  /** The state while there is no engine. */
  #before = idle
  #disconnect: (() => void) | undefined
  #isClosed = false
  #metrics: GenerateMetrics | undefined
  #snapshotOf: ModelState = idle
  #snapshot: LLMState = idleState
  readonly #running = new AbortGroup(() => this.announce())

  constructor(source: EngineSource) {
    super()
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

  /** Frees the engine. Calls that come after are told `disposed`. */
  dispose(): void {
    this.#isClosed = true
    this.#retire()
    this.announce()
  }

  getState = (): ModelState => this.#engine?.getState() ?? this.#before

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

  load = async (options?: { signal?: AbortSignal }): Promise<ReadyModel> => {
    try {
      const engine = await this.#use()
      return await engine.load(options)
    } finally {
      this.announce()
    }
  }

  unload = async (): Promise<void> => {
    if (this.#engine || this.#before === startingState) await (await this.#use()).unload()
    else this.#setBefore(idle)
  }

  generate(request: GenerateRequest, options?: { signal?: AbortSignal }): AsyncGenerator<GenerateEvent, void, undefined> {
    return this.#running.run((signal) => this.#generate(request, signal), options?.signal)
  }

  async *#generate(request: GenerateRequest, signal: AbortSignal): AsyncGenerator<GenerateEvent, void, undefined> {
    const engine = await this.#use()
    for await (const event of engine.generate(request, { signal })) {
      if (event.type === 'finish' && engine === this.#engine) this.#metrics = event.metrics
      yield event
    }
  }

  async #use(): Promise<Engine> {
    if (this.#isClosed) {
      throw new LLMError({
        code: 'disposed',
        message: 'Its <LLMProvider> was unmounted. Use the hooks of a mounted one.',
      })
    }
    if (this.#engine) return this.#engine
    const source = this.#source
    if ('engine' in source) return this.#connect(source.engine)

    this.#setBefore(startingState)
    const { createEngine } = await this.#importEngine(source)
    // Meanwhile the provider may have changed, or another call have come first.
    if (this.#isClosed || source !== this.#source || this.#engine) return this.#use()
    return this.#connect(createEngine(source.config))
  }

  async #importEngine(source: EngineSource): Promise<typeof EngineModule> {
    try {
      return await importEngine()
    } catch (error) {
      if (source === this.#source) this.#setBefore({ status: 'error', error: error as LLMError })
      throw error
    }
  }

  #setBefore(state: ModelState): void {
    this.#before = state
    this.announce()
  }

  #connect(engine: Engine): Engine {
    this.#disconnect?.()
    this.#engine = engine
    this.#disconnect = engine.subscribe(() => this.announce())
    return engine
  }

  #retire(): void {
    this.#disconnect?.()
    this.#disconnect = undefined
    // Before the engine goes, so that generations end as stopped, not as failed.
    this.#running.abort()
    const engine = this.#engine
    this.#engine = undefined
    this.#before = idle
    this.#metrics = undefined
    if ('config' in this.#source) engine?.dispose()
  }
}
