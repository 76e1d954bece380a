import type { LLMError } from '../errors/index.js'
import type { CPUBackend, GenerateEvent, GenerateRequest, LoadedModel, NumericsReport, PrefixCacheConfig } from '../inference/types.js'
import type { Device, Dtype, LoadProgress, LoadWarning, ModelRef, StoragePreference } from '../models/types.js'

/** What an engine runs and how. Also the `config` of `<LLMProvider>`. */
export interface LLMConfig {
  /**
   * `onnx`: our generation loop on ONNX Runtime. `transformers`: Transformers.js runs the model.
   * `auto` (default) takes the first of the two that `models` names.
   */
  preferredRuntime?: 'auto' | 'onnx' | 'transformers'
  /**
   * The model of each runtime. A path (`/models/x`) is local, anything else (`org/name`) a Hub id.
   * Left out: the embedded function-caller at `/models/function-caller`, which the package
   * `react-edge-llm-function-caller` holds and `edgeLLM({ embeddedModel: true })` of
   * `react-edge-llm/vite` serves.
   */
  models?: { onnx?: ModelRef; transformers?: ModelRef }
  /**
   * Default `auto`: WebGPU when an adapter and a device can really be had, else WASM. Where earlier loads of the model
   * have measured that this device's CPU is faster than its GPU, WASM.
   */
  device?: 'auto' | 'webgpu' | 'wasm'
  /** Default `auto`: the best precision that exists for the device. */
  dtype?: 'auto' | Dtype
  /**
   * When `<LLMProvider>` loads. Default `on-demand`: with the first request. An engine of
   * `createEngine` loads with its first request or when `load()` is called.
   */
  load?: 'on-demand' | 'eager' | 'idle'
  /** Where Hub models are kept. Default `auto`. Local models are never stored. */
  storage?: StoragePreference
  /**
   * What happens where a Hub model finds no room. Default `never`: it runs from memory, with a warning.
   * `least-recently-used` removes stored models, the longest unused first, if that makes room.
   */
  eviction?: 'never' | 'least-recently-used'
  /** Server of Hub models. Default `https://huggingface.co`. */
  hubURL?: string
  /** Bearer token for gated Hub models. Sent to `hubURL` only. */
  hubToken?: string
  /**
   * CPU threads for WASM. Default: on the SIMD core the number that is fastest, measured with the first load; else by
   * the device. At most 4; 1 on pages that are not cross-origin isolated.
   */
  threads?: number
  /**
   * What runs the `onnx` runtime on CPUs. Default `auto`: our SIMD core for the models it knows, ONNX Runtime for
   * others. `simd` makes it an error where the core cannot run a model.
   */
  cpuBackend?: CPUBackend
  /**
   * How the `onnx` runtime reuses what it has computed of earlier prompts; the output is the same with it or without.
   * Default: on, with a budget by the device's memory, and the system prompt and tools stored beside the model.
   * `false`: every prompt is computed from its first token.
   */
  prefixCache?: PrefixCacheConfig | false
  /**
   * Whether the `onnx` runtime may guess tokens that it has seen before, in the prompt or in the answer, and verify
   * several at once. Answers are the same either way. Default true.
   */
  speculation?: boolean
  /**
   * Milliseconds without progress after which a load or a generation counts as hanging: it ends with `worker-hung`, and
   * the next request gets a new worker. Progress is a token, a part of the prompt, or a load that waits for servers; no
   * time passes on a page that is hidden, frozen or asleep. Default 180000; 0 or `false`: never.
   */
  hangTimeout?: number | false
  /**
   * Whether the `onnx` runtime checks a model's numbers when it has loaded it: a few known tokens, compared with the
   * model's `numerics.json` where it has one. A model that computes wrongly on this device is loaded in its next
   * precision, or on the CPU, with a warning `numerics-fallback`; what the config asks for by name is not replaced.
   * Default true.
   */
  numericsCheck?: boolean
}

/** A model was loaded otherwise than first chosen, because its numbers were wrong there. */
export interface NumericsFallback {
  code: 'numerics-fallback'
  message: string
  /** The model's id. */
  subject: string
  /** Where its numbers were wrong. */
  device: Device
  backend: string
  /** Undefined for local models without a manifest. */
  dtype: Dtype | undefined
  /** What was measured there; `problem` is always set. */
  numerics: NumericsReport
}

/** What a load came through all the same; told apart by `code`. */
export type ModelWarning = LoadWarning | NumericsFallback

/** A model that is ready, with how its device was chosen. */
export interface ReadyModel extends LoadedModel {
  /** Why this device, in one sentence (`WebGPU adapter found`, `no WebGPU adapter: …`). */
  deviceReason: string
  /**
   * What went wrong without ending the load: the model could not be kept (`quota-exceeded`), the GPU was lost repeatedly
   * and WASM taken (`device-lost`), or the model gave wrong numbers in the precision or on the device that was tried first
   * (`numerics-fallback`).
   */
  warnings?: readonly ModelWarning[]
}

/** The model's state machine. */
export type ModelState =
  | { status: 'idle' }
  | { status: 'downloading' | 'loading'; progress: LoadProgress }
  | { status: 'ready'; model: ReadyModel }
  | { status: 'error' | 'unsupported'; error: LLMError }

/** One model in one worker with one queue of requests. Made by `createEngine`. */
export interface Engine {
  /** The present state; the same object until something changes. */
  getState(): ModelState
  /** Calls `listener` after every change of state. Returns the unsubscriber. */
  subscribe(listener: () => void): () => void
  /**
   * Loads the model, once: calls that overlap share one load. Aborting one caller's signal ends
   * the load only when no other caller waits for it.
   * @throws LLMError `load-aborted` and every loading error of `docs/errors.md`.
   */
  load(options?: { signal?: AbortSignal }): Promise<ReadyModel>
  /** Frees the model and its worker. Stored files stay. */
  unload(): Promise<void>
  /**
   * Generates, loading first if needed. Requests run one at a time, in order. An abort ends the
   * iteration with a `finish` event of reason `abort`, at once.
   * @throws LLMError
   */
  generate(request: GenerateRequest, options?: { signal?: AbortSignal }): AsyncIterable<GenerateEvent>
  /** Ends the worker for good; every later call throws `disposed`. */
  dispose(): void
}
