// The messages between engine and worker. Types only: the engine may import nothing else of the worker.
import type { LLMErrorInit } from '../errors/index.js'
import type { GenerateRequest, LoadedModel, LoadRequest } from '../inference/types.js'
import type { LoadProgress } from '../models/types.js'

/** How a call ended. Errors cross as data: a thrown one would lose all but its message. */
export type Outcome<T> = { ok: true; value: T } | { ok: false; error: LLMErrorInit }

/**
 * The worker's Comlink surface. What streams goes through message ports, which ask for no answer:
 * while WebAssembly runs, the worker's event loop does not turn, and answers would pile up. On every
 * port, `null` says that the worker is getting on while it has nothing to tell.
 */
export interface EngineWorker {
  /** Loads a model, once per worker. `progress` carries `LoadProgress` messages. */
  load(request: LoadRequest, progress: MessagePort): Promise<Outcome<LoadedModel>>
  /**
   * Downloads a model's files into storage, without loading them. Gives the last progress, which the port may bring too
   * late.
   */
  prefetch(request: LoadRequest, progress: MessagePort): Promise<Outcome<LoadProgress | undefined>>
  /**
   * Runs one generation. `updates` carries `GenerateUpdate` messages; the last one holds the
   * `finish` event. `abortFlag` is an `Int32Array`'s buffer: any non-zero value at index 0 ends
   * the generation at the next step. Resolves when the worker is free again.
   */
  generate(
    request: GenerateRequest,
    updates: MessagePort,
    abortFlag: SharedArrayBuffer | undefined,
  ): Promise<Outcome<undefined>>
  /** Ends the running generation at the next step, for pages without SharedArrayBuffer. */
  abort(): void
  /** Gets the port for an `LLMErrorInit` when the worker has become useless outside of any call. */
  reportFailure(failures: MessagePort): void
}

/**
 * A worker asks the page that started it for a thread: a further worker that gets `init` as its first message. With the
 * request comes a port, for {@link ThreadReport}s to the worker and its {@link ThreadOrder}s.
 */
export interface ThreadRequest {
  startThread: {
    url: string
    /** The new worker's name. */
    name: string
    /** May hold shared memory. */
    init: unknown
  }
}

/** What becomes of a thread that was asked for. */
export type ThreadReport = 'ready' | { problem: string }

/** `end`: at once, whatever it does. */
export type ThreadOrder = 'end'
