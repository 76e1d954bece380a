import type { Engine, ModelState, ReadyModel } from '../../src/engine/types.js'
import { LLMError } from '../../src/errors/index.js'
import type { GenerateEvent, GenerateMetrics, GenerateRequest } from '../../src/inference/types.js'

/** One generation under a test's control: push events, then end it. */
export class ScriptedRun {
  readonly request: GenerateRequest
  readonly signal: AbortSignal | undefined
  readonly #queue: GenerateEvent[] = []
  #failure: LLMError | undefined
  #wake: (() => void) | undefined

  constructor(request: GenerateRequest, signal: AbortSignal | undefined) {
    this.request = request
    this.signal = signal
    signal?.addEventListener('abort', () => this.finish('abort'))
    if (signal?.aborted) this.finish('abort')
  }

  push(...events: GenerateEvent[]): void {
    this.#queue.push(...events)
    this.#wake?.()
  }

  text(text: string): void {
    this.push({ type: 'text-delta', text })
  }

  finish(reason: 'stop' | 'tool-calls' | 'abort' = 'stop'): void {
    this.push({ type: 'finish', reason, metrics, tokenIds: [] })
  }

  fail(error: LLMError): void {
    this.#failure = error
    this.#wake?.()
  }

  async *events(): AsyncGenerator<GenerateEvent, void, undefined> {
    for (;;) {
      if (this.#failure) throw this.#failure
      const event = this.#queue.shift()
      if (!event) {
        await new Promise<void>((resolve) => (this.#wake = resolve))
        continue
      }
      yield event
      if (event.type === 'finish') return
    }
  }
}

export const metrics: GenerateMetrics = {
  promptTokens: 12,
  reusedTokens: 0,
  completionTokens: 4,
  timeToFirstTokenMs: 20,
  prefillTokensPerSecond: 600,
  decodeTokensPerSecond: 100,
  totalMs: 60,
  memoryBytes: undefined,
}

export const readyModel: ReadyModel = {
  id: '/models/test',
  runtime: 'onnx',
  device: 'wasm',
  deviceReason: 'no WebGPU adapter',
  backend: 'onnxruntime-web/wasm',
  backendReason: 'the graph is not one the SIMD core knows',
  dtype: 'q8',
  contextLength: 2048,
  vocabSize: 49152,
  toolFormat: 'hermes',
  templateHasTools: false,
  toolCallBias: 0,
  threads: 1,
  loadMs: 5,
  memoryBytes: undefined,
}

/** An engine whose loads and generations a test plays by hand. */
export class ScriptedEngine implements Engine {
  state: ModelState = { status: 'idle' }
  isDisposed = false
  loads = 0
  unloads = 0
  readonly runs: ScriptedRun[] = []
  readonly listeners = new Set<() => void>()
  readonly #waiting: { resolve: (model: ReadyModel) => void; reject: (error: LLMError) => void }[] = []

  getState = (): ModelState => this.state

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  setState(state: ModelState): void {
    this.state = state
    for (const listener of [...this.listeners]) listener()
    if (state.status === 'ready') for (const { resolve } of this.#waiting.splice(0)) resolve(state.model)
    if (state.status === 'error' || state.status === 'unsupported') {
      for (const { reject } of this.#waiting.splice(0)) reject(state.error)
    }
  }

  /** Moves a load forward. */
  progress(loaded: number): void {
    this.setState({
      status: 'downloading',
      progress: {
        phase: 'downloading',
        loaded,
        total: 100,
        fraction: loaded / 100,
        bytesPerSecond: 10,
        etaSeconds: 1,
        file: 'onnx/model.onnx',
      },
    })
  }

  ready(): void {
    this.setState({ status: 'ready', model: readyModel })
  }

  load(): Promise<ReadyModel> {
    if (this.isDisposed) return Promise.reject(new LLMError({ code: 'disposed', message: 'disposed' }))
    if (this.state.status === 'ready') return Promise.resolve(this.state.model)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      if (this.#waiting.length > 1) return
      this.loads++
      this.progress(0)
    })
  }

  unload(): Promise<void> {
    this.unloads++
    this.setState({ status: 'idle' })
    return Promise.resolve()
  }

  generate(request: GenerateRequest, options?: { signal?: AbortSignal }): AsyncIterable<GenerateEvent> {
    if (this.isDisposed) throw new LLMError({ code: 'disposed', message: 'disposed' })
    const run = new ScriptedRun(request, options?.signal)
    this.runs.push(run)
    return run.events()
  }

  dispose(): void {
    this.isDisposed = true
    this.setState({ status: 'idle' })
  }
}
