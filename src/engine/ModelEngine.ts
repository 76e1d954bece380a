import { isLLMError, LLMError, toLLMError } from '../errors/index.js'
import type { GenerateEvent, GenerateRequest } from '../inference/types.js'
import type { LoadProgress } from '../models/types.js'
import { disposed } from './engineErrors.js'
import { EventBuffer } from './EventBuffer.js'
import { GenerationTally } from './GenerationTally.js'
import type { LoadedSession } from './loadModel.js'
import type { PlatformHost } from './PlatformHost.js'
import { RequestQueue } from './RequestQueue.js'
import type { Retreats } from './Retreats.js'
import { SharedLoad } from './SharedLoad.js'
import { startingState } from './startingState.js'
import { StateStore } from './StateStore.js'
import type { Engine, LLMConfig, ModelState, ReadyModel } from './types.js'
import { validateConfig, type EngineSetup } from './validateConfig.js'
import type { WorkerSession } from './WorkerSession.js'

/** The code that is fetched when a model is first wanted. */
export interface Loader {
  host: PlatformHost
  Retreats: new () => Retreats
  loadModel(
    host: PlatformHost,
    setup: EngineSetup,
    onProgress: (progress: LoadProgress) => void,
    signal: AbortSignal,
  ): Promise<LoadedSession>
}

/** Failures that lie in the request; the worker is as good as before. */
const requestErrors = new Set([
  'invalid-request',
  'context-overflow',
  'chat-template-failed',
  'unknown-tool',
  'invalid-tool',
  'duplicate-tool',
  'constrained-unavailable',
])

/** One model, one worker, one queue. */
export class ModelEngine implements Engine {
  readonly #importLoader: () => Promise<Loader>
  readonly #setup: EngineSetup | LLMError
  readonly #store: StateStore
  readonly #queue = new RequestQueue()
  readonly #lifetime = new AbortController()
  #generations = new AbortController()
  #load: SharedLoad | undefined
  #loaded: LoadedSession | undefined
  #retreats: Retreats | undefined

  constructor(config: LLMConfig, importLoader: () => Promise<Loader>) {
    this.#importLoader = importLoader
    this.#setup = checked(config)
    this.#store = new StateStore(
      this.#setup instanceof LLMError ? { status: 'error', error: this.#setup } : { status: 'idle' },
    )
  }

  getState(): ModelState {
    return this.#store.get()
  }

  subscribe(listener: () => void): () => void {
    return this.#store.subscribe(listener)
  }

  async load({ signal }: { signal?: AbortSignal } = {}): Promise<ReadyModel> {
    return (await this.#ensureLoaded(signal)).model
  }

  async unload(): Promise<void> {
    if (this.#lifetime.signal.aborted) throw disposed()
    this.#stop()
    if (!(this.#setup instanceof LLMError)) this.#store.set({ status: 'idle' })
  }

  dispose(): void {
    if (this.#lifetime.signal.aborted) return
    this.#lifetime.abort()
    this.#stop()
    this.#store.set({ status: 'error', error: disposed() })
  }

  generate(request: GenerateRequest, { signal }: { signal?: AbortSignal } = {}): AsyncIterable<GenerateEvent> {
    return { [Symbol.asyncIterator]: () => this.#generate(request, signal) }
  }

  async *#generate(request: GenerateRequest, signal: AbortSignal | undefined): AsyncGenerator<GenerateEvent, void> {
    if (this.#lifetime.signal.aborted) throw disposed()
    const stop = new AbortController()
    const abort = () => stop.abort()
    const generations = this.#generations.signal
    signal?.addEventListener('abort', abort)
    generations.addEventListener('abort', abort)
    if (signal?.aborted) abort()

    const tally = new GenerationTally()
    const place = this.#queue.enter()
    let idle: Promise<unknown> = place.ready
    try {
      await untilAborted(place.ready, stop.signal)
      const { session } = await untilAborted(this.#ensureLoaded(stop.signal), stop.signal)
      const buffer = new EventBuffer()
      const running = session.generate(
        request,
        (update) => {
          tally.add(update)
          buffer.push(update.events)
        },
        stop.signal,
      )
      idle = running.catch((error: unknown) => this.#afterFailure(session, error))
      running.catch((error: unknown) => buffer.fail(error))
      const cut = () => buffer.push([tally.abortedFinish()])
      stop.signal.addEventListener('abort', cut)
      if (stop.signal.aborted) cut()
      yield* buffer.drain()
    } catch (error) {
      if (!stop.signal.aborted) throw toLLMError(error, unexpected)
      yield tally.abortedFinish()
    } finally {
      stop.abort()
      signal?.removeEventListener('abort', abort)
      generations.removeEventListener('abort', abort)
      void idle.finally(place.leave)
    }
  }

  async #ensureLoaded(signal: AbortSignal | undefined): Promise<LoadedSession> {
    if (this.#lifetime.signal.aborted) throw disposed()
    if (this.#setup instanceof LLMError) throw this.#setup
    if (this.#loaded) return this.#loaded
    const setup = this.#setup
    if (this.#load === undefined || this.#load.aborted) this.#load = this.#startLoad(setup)
    return this.#load.join(signal)
  }

  #startLoad(setup: EngineSetup): SharedLoad {
    this.#store.set(startingState)
    const load: SharedLoad = new SharedLoad(async (signal) => {
      const isCurrent = () => this.#load === load && !signal.aborted
      signal.addEventListener('abort', () => {
        if (this.#load !== load) return
        this.#load = undefined
        if (!this.#lifetime.signal.aborted) this.#store.set({ status: 'idle' })
      })
      // A turn of the event loop first, so that `load` above is set when the first state is.
      await Promise.resolve()
      try {
        const loader = await this.#importLoader()
        const loaded = await this.#open(loader, setup, (progress) => isCurrent() && this.#report(progress), signal)
        this.#adopt(loaded)
        return loaded
      } catch (cause) {
        const error = toLLMError(cause, unexpected)
        if (isCurrent()) this.#fail(error)
        throw error
      } finally {
        if (this.#load === load) this.#load = undefined
      }
    })
    return load
  }

  async #open(loader: Loader, setup: EngineSetup, onProgress: (progress: LoadProgress) => void, signal: AbortSignal): Promise<LoadedSession> {
    const retreats = (this.#retreats ??= new loader.Retreats())
    try {
      const loaded = await loader.loadModel(loader.host, retreats.apply(setup), onProgress, signal)
      return { ...loaded, model: retreats.explain(loaded.model, setup) }
    } catch (error) {
      if (signal.aborted || !retreats.note(error)) throw error
      return this.#open(loader, setup, onProgress, signal)
    }
  }

  #report(progress: LoadProgress): void {
    const downloading = progress.phase === 'resolving' || progress.phase === 'downloading'
    this.#store.set({ status: downloading ? 'downloading' : 'loading', progress })
  }

  #adopt(loaded: LoadedSession): void {
    this.#loaded = loaded
    loaded.session.onEnd((error) => {
      if (this.#loaded !== loaded) return
      this.#loaded = undefined
      this.#retreats?.note(error, loaded.model.device)
      this.#fail(error)
    })
    this.#store.set({ status: 'ready', model: loaded.model })
  }

  /** A realm in which a run failed is never used again. */
  #afterFailure(session: WorkerSession, error: unknown): void {
    if (isLLMError(error) && requestErrors.has(error.code)) return
    session.terminate(toLLMError(error, unexpected))
  }

  #fail(error: LLMError): void {
    const status = error.code === 'unsupported-architecture' || error.code === 'webgpu-unavailable' ? 'unsupported' : 'error'
    this.#store.set({ status, error })
  }

  #stop(): void {
    const loaded = this.#loaded
    this.#loaded = undefined
    this.#retreats = undefined
    this.#load?.abort()
    this.#generations.abort()
    this.#generations = new AbortController()
    loaded?.session.terminate(disposed())
  }
}

const unexpected = {
  code: 'session-failed' as const,
  recoverable: true,
  message: 'Something failed that should not. See its cause; the next request loads the model again.',
}

function checked(config: LLMConfig): EngineSetup | LLMError {
  try {
    return validateConfig(config)
  } catch (error) {
    return toLLMError(error, { code: 'invalid-config', message: 'The config cannot be read.' })
  }
}

/** `promise`, but rejecting as soon as `signal` aborts. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new DOMException('Aborted', 'AbortError'))
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
