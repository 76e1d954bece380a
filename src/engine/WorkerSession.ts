import * as Comlink from 'comlink'
import { LLMError, toLLMError, type LLMErrorInit } from '../errors/index.js'
import type { GenerateRequest, GenerateUpdate, LoadedModel, LoadRequest } from '../inference/types.js'
import type { LoadProgress } from '../models/types.js'
import type { EngineWorker, Outcome } from '../worker/protocol.js'
import { Watchdog, type WatchdogInit } from './Watchdog.js'

/** A worker as a platform gives it. */
export interface WorkerConnection {
  endpoint: Comlink.Endpoint
  /** Calls back when the worker dies by itself. */
  onCrash(listener: (cause: unknown) => void): void
  terminate(): void
}

/** What a connection reports when its script never ran. */
export class WorkerScriptError extends Error {
  readonly worker: string

  constructor(worker: string) {
    super(`the ${worker} worker could not be loaded`)
    this.worker = worker
  }
}

/** One worker from its start to its end. It holds at most one model and is never reused after a failure. */
export class WorkerSession {
  readonly #connection: WorkerConnection
  readonly #remote: Comlink.Remote<EngineWorker>
  readonly #ports = new Set<MessagePort>()
  readonly #watchdog: Watchdog
  /** Ends steps that are being waited for. */
  readonly #waiting = new Set<(error: unknown) => void>()
  #end!: (error: LLMError) => void
  #ended = false
  /** Rejects when the worker ends, by a crash or by {@link terminate}. */
  readonly #over: Promise<never>

  /** @param watchdog when a load or generation that shows no progress is given up. */
  constructor(connection: WorkerConnection, watchdog: WatchdogInit = {}) {
    this.#connection = connection
    this.#watchdog = new Watchdog(watchdog, (silentMs) => this.terminate(hung(silentMs)))
    this.#remote = Comlink.wrap<EngineWorker>(connection.endpoint)
    this.#over = new Promise<never>((_, reject) => (this.#end = reject))
    this.#over.catch(() => undefined)
    connection.onCrash((cause) => this.terminate(crashed(cause)))
    const failures = this.#openPort<LLMErrorInit>((error) => this.terminate(new LLMError(error)))
    void this.#remote.reportFailure(Comlink.transfer(failures.remote, [failures.remote])).catch(() => undefined)
  }

  /** Calls back with the reason when the worker has ended. */
  onEnd(listener: (error: LLMError) => void): void {
    this.#over.catch(listener)
  }

  /** @throws LLMError what loading gives, `worker-crashed`, or the error of {@link terminate}. */
  async load(request: LoadRequest, onProgress: (progress: LoadProgress) => void): Promise<LoadedModel> {
    const port = this.#openPort<LoadProgress>(onProgress)
    this.#watchdog.start()
    try {
      return await this.#outcome(this.#remote.load(request, Comlink.transfer(port.remote, [port.remote])))
    } finally {
      this.#watchdog.stop()
      port.close()
    }
  }

  /** @throws LLMError as {@link load} */
  async prefetch(request: LoadRequest, onProgress: (progress: LoadProgress) => void): Promise<void> {
    const port = this.#openPort<LoadProgress>(onProgress)
    this.#watchdog.start()
    try {
      const last = await this.#outcome(this.#remote.prefetch(request, Comlink.transfer(port.remote, [port.remote])))
      if (last) onProgress(last)
    } finally {
      this.#watchdog.stop()
      port.close()
    }
  }

  /**
   * Runs one generation; resolves when the worker is free again. `signal` ends it at the next step.
   * @throws LLMError
   */
  async generate(
    request: GenerateRequest,
    onUpdate: (update: GenerateUpdate) => void,
    signal: AbortSignal,
  ): Promise<void> {
    let finished!: () => void
    const lastUpdate = new Promise<void>((resolve) => (finished = resolve))
    const port = this.#openPort<GenerateUpdate>((update) => {
      onUpdate(update)
      if (update.events.at(-1)?.type === 'finish') finished()
    })
    const flag = sharedFlag()
    this.#watchdog.start()
    const abort = () => {
      this.#watchdog.hurry()
      if (flag) Atomics.store(flag, 0, 1)
      else void this.#remote.abort().catch(() => undefined)
    }
    signal.addEventListener('abort', abort)
    if (signal.aborted) abort()
    try {
      const shared = flag?.buffer
      await this.#outcome(this.#remote.generate(request, Comlink.transfer(port.remote, [port.remote]), shared))
      await this.#untilOver(lastUpdate)
    } finally {
      this.#watchdog.stop()
      signal.removeEventListener('abort', abort)
      port.close()
    }
  }

  /** Ends the worker at once; whatever it was asked for rejects with `reason`. */
  terminate(reason: LLMError): void {
    if (this.#ended) return
    this.#ended = true
    this.#watchdog.stop()
    this.#end(reason)
    for (const end of this.#waiting) end(reason)
    for (const port of this.#ports) port.close()
    this.#remote[Comlink.releaseProxy]()
    this.#connection.terminate()
  }

  async #outcome<T>(call: Promise<Outcome<T>>): Promise<T> {
    const outcome = await this.#untilOver(call).catch((cause: unknown) => {
      throw toLLMError(cause, crashInit(cause))
    })
    if (outcome.ok) return outcome.value
    throw new LLMError(outcome.error)
  }

  /** Rejects when the worker ends. Not Promise.race with one lasting promise: that would hold on to every step there ever was. */
  async #untilOver<T>(step: Promise<T>): Promise<T> {
    if (this.#ended) return this.#over
    let end!: (error: unknown) => void
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#waiting.add((end = reject))
        step.then(resolve, reject)
      })
    } finally {
      this.#waiting.delete(end)
    }
  }

  #openPort<T>(onMessage: (message: T) => void): { remote: MessagePort; close(): void } {
    const { port1, port2 } = new MessageChannel()
    this.#ports.add(port1)
    port1.onmessage = ({ data }: MessageEvent<T | null>) => {
      this.#watchdog.sign()
      if (data !== null) onMessage(data)
    }
    return {
      remote: port2,
      close: () => {
        this.#ports.delete(port1)
        port1.close()
      },
    }
  }
}

function sharedFlag(): Int32Array<SharedArrayBuffer> | undefined {
  const canShare = typeof SharedArrayBuffer !== 'undefined' && globalThis.crossOriginIsolated !== false
  return canShare ? new Int32Array(new SharedArrayBuffer(4)) : undefined
}

function hung(silentMs: number): LLMError {
  return new LLMError({
    code: 'worker-hung',
    recoverable: true,
    message: `The worker that runs the model showed no progress for ${silentMs / 1000} s and was ended. It starts anew with the next request.`,
  })
}

function crashed(cause: unknown): LLMError {
  return new LLMError(crashInit(cause))
}

function crashInit(cause: unknown): LLMErrorInit {
  if (cause instanceof WorkerScriptError) {
    return {
      code: 'worker-crashed',
      subject: cause.worker,
      message: `The script of the ${cause.worker} worker could not be loaded. See that the app's build and server carry the kit's worker files, and that the page's Content-Security-Policy allows workers.`,
    }
  }
  const detail = cause instanceof Error && cause.message ? ` (${cause.message})` : ''
  return {
    code: 'worker-crashed',
    recoverable: true,
    message: `The worker that runs the model ended unexpectedly${detail}, often for lack of memory. It starts anew with the next request.`,
    cause,
  }
}
