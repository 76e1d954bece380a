import type { Device, Dtype, ModelOptions, StoragePreference, ToolFormatName } from '../models/types.js'
import type { NumericsReport } from './numerics/types.js'
import type { ProbeFigures } from './probe/types.js'
import type { CallConfidence } from '../tools/toolPart.js'
import type { JSONSchema, ToolCall, ToolChoice, ToolSpec } from '../tools/types.js'

export type { NumericsReport, ProbeFigures }
export type { CallConfidence, ToolCall, ToolChoice, ToolSpec }

/** One message of a prompt, in the shape chat templates expect. */
export type PromptMessage =
  | { role: 'system'; content: string }
  | { role: 'user'; content: string }
  | { role: 'assistant'; content: string; toolCalls?: ToolCall[] }
  | { role: 'tool'; toolCallId: string; name: string; content: string }

/** How the next token is picked. All defaults give greedy decoding. */
export interface SamplingOptions {
  /** 0 is greedy. Default 0. */
  temperature?: number
  /** Keep only the k most probable tokens; 0 keeps all. Default 0. */
  topK?: number
  /** Keep the smallest set of tokens whose probabilities sum to this. Default 1. */
  topP?: number
  /** Drop tokens less probable than this times the most probable one. Default 0. */
  minP?: number
  /** Divides (positive) or multiplies (negative) the logits of tokens already seen. Default 1. */
  repetitionPenalty?: number
  /** Makes sampling repeatable. Any integer. */
  seed?: number
}

/** One request for text or tool calls. */
export interface GenerateRequest extends SamplingOptions {
  messages: PromptMessage[]
  tools?: ToolSpec[]
  /** Default `auto`. */
  toolChoice?: ToolChoice
  /**
   * Added to the logit of the token that opens a call, at the first token of the answer; has an
   * effect where there are tools and `toolChoice` is `auto`. Above 0 calls more often, below 0 less
   * often. Where an opening is several tokens long, its first one gets it. Default: the model's own.
   */
  toolCallBias?: number
  /**
   * Whether calls are kept within their schemas while they are written: the name is one of the
   * tools', the arguments fit. Text outside of calls is free. Arguments are validated in any case.
   * Default: constrained where the model's tool format has a grammar; `true` makes it an error
   * (`constrained-unavailable`) where it has none.
   */
  constrained?: boolean
  /** Whether an answer may have several calls; `false` ends it after the first one. Default true. */
  parallelToolCalls?: boolean
  /** Whether calls carry a {@link CallConfidence}. Takes one more pass over the vocabulary a token. Default false. */
  callConfidence?: boolean
  /**
   * Makes the whole answer JSON that fits `schema`. Say in the messages what is wanted: the schema
   * is not shown to the model. Keywords that a grammar cannot say (`uniqueItems`, `multipleOf`,
   * `not`, formats, …) are not seen to. Not together with tools.
   */
  responseFormat?: { schema: JSONSchema }
  /** Default 512; always cut to what the context window leaves. */
  maxTokens?: number
  /** Generation ends before the first of these strings, which is not part of the output. */
  stop?: string[]
}

/** Figures of one generation. Times in milliseconds. */
export interface GenerateMetrics {
  promptTokens: number
  /** How many of the prompt tokens were already in the KV cache. */
  reusedTokens: number
  /** Where these came from: requests before this one, or what an earlier visit stored. Undefined when there are none. */
  reusedFrom?: 'memory' | 'storage' | undefined
  completionTokens: number
  /** From the request's start in the worker to the first token. */
  timeToFirstTokenMs: number
  prefillTokensPerSecond: number
  /** Undefined when fewer than two tokens were decoded. */
  decodeTokensPerSecond: number | undefined
  totalMs: number
  /** Runs of the graph after the prompt's: fewer than tokens, where several ran together. Undefined where the runtime does not tell. */
  forwardPasses?: number
  /** Tokens that were guessed and run with others, to see several at once. Undefined like `forwardPasses`. */
  draftedTokens?: number
  /** How many of the guessed tokens were right. Undefined like `forwardPasses`. */
  acceptedTokens?: number
  /** Bytes of WebAssembly memory, where the runtime tells. */
  memoryBytes: number | undefined
}

export type FinishReason = 'stop' | 'length' | 'tool-calls' | 'abort'

/** What a generation reports, in order: `start`, then deltas and calls, then `finish`. */
export type GenerateEvent =
  | { type: 'start'; promptTokens: number; reusedTokens: number }
  | { type: 'text-delta'; text: string }
  | { type: 'reasoning-delta'; text: string }
  | { type: 'tool-input-start'; id: string; name: string }
  | { type: 'tool-input-delta'; id: string; delta: string }
  | { type: 'tool-call'; id: string; name: string; input: unknown; confidence?: CallConfidence }
  | { type: 'tool-error'; id?: string; name?: string; input?: unknown; raw: string; message: string }
  | { type: 'finish'; reason: FinishReason; metrics: GenerateMetrics; tokenIds: number[] }

/** What one step of a generation reports: the token it picked, if any, and the events that follow from it. */
export interface GenerateUpdate {
  tokenId: number | undefined
  events: GenerateEvent[]
}

/**
 * What runs the `onnx` runtime on CPUs: our SIMD core, or ONNX Runtime. `auto` takes the core for the
 * models it knows; `simd` makes it an error where it cannot run one.
 */
export type CPUBackend = 'auto' | 'simd' | 'onnxruntime'

/** How keys and values of earlier prompts are kept for the next ones. */
export interface PrefixCacheConfig {
  /**
   * Most megabytes (2^20 bytes) of memory for conversations beside the present one; 0: that one only. Default: by the
   * device's memory, 64 to 256, 128 where that is not known.
   */
  memoryMB?: number | undefined
  /**
   * Whether those of the system prompt and the tools are stored beside the model, so that the first answer after a
   * reload comes as soon as later ones. On CPUs, where it takes long to compute them. Default true; never where
   * `storage` is `none`.
   */
  persist?: boolean | undefined
}

/** Runtimes that run inside a worker. */
export type LocalRuntimeName = 'onnx' | 'transformers'

/** Everything a runtime needs to load a model. Plain data: it is sent to a worker. */
export interface LoadRequest {
  runtime: LocalRuntimeName
  model: ModelOptions
  device: Device
  /** WebGPU features of the adapter, e.g. `shader-f16`. Empty on CPUs. */
  adapterFeatures: string[]
  dtype: Dtype | 'auto'
  /** Number formats that gave wrong numbers on this device. Default: none. */
  refused?: readonly Dtype[] | undefined
  storage: StoragePreference
  /** Whether models that were not used for the longest time make room for this one. Default false. */
  mayEvict?: boolean
  hubURL: string
  hubToken: string | undefined
  threads: number | undefined
  cpuBackend: CPUBackend
  /** Whether to measure how fast the model is, and on CPUs which number of threads is fastest unless `threads` says it. */
  probe?: boolean | undefined
  /** Whether the numbers of the loaded model are checked. Default true. */
  numericsCheck?: boolean | undefined
  /** Default: on, see {@link PrefixCacheConfig}. */
  prefixCache?: PrefixCacheConfig | false
  /** Whether the runtime may draft tokens and verify several at once. Default true. */
  speculation?: boolean
  /** What relative model paths are relative to: the page's URL, or a `file:` URL in Node. */
  baseURL: string
}

/** Facts about a model that is ready to generate. */
export interface LoadedModel {
  id: string
  runtime: LocalRuntimeName
  device: Device
  /** What executes the graph, e.g. `onnxruntime-web/wasm`. */
  backend: string
  /** Why this backend was taken, in one sentence. */
  backendReason: string
  dtype: Dtype | undefined
  contextLength: number
  vocabSize: number
  toolFormat: ToolFormatName | undefined
  /** Whether the model's own chat template knows tools. */
  templateHasTools: boolean
  /** What requests get as `toolCallBias` unless they bring their own: the app's, else the manifest's, else 0. */
  toolCallBias: number
  threads: number | undefined
  /** How fast it is, as measured when this model was first loaded on this device; undefined where that was not. */
  probe?: ProbeFigures | undefined
  /** What the check of its numbers found; undefined where there was none. */
  numerics?: NumericsReport | undefined
  loadMs: number
  memoryBytes: number | undefined
}
