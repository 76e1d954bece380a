import type { LLMErrorCode } from '../errors/index.js'
import type { TensorTable } from './tensorTable.js'

/** Number format of a model's weights. `q4f16` is 4-bit weights with fp16 arithmetic. */
export type Dtype = 'fp32' | 'fp16' | 'q8' | 'q4' | 'q4f16'

/** Where the arithmetic runs: a GPU, WebAssembly on the CPU, or (in Node) the CPU natively. */
export type Device = 'webgpu' | 'wasm' | 'cpu'

/** Names of the tool-call formats the kit can render and parse. */
export type ToolFormatName =
  | 'functiongemma'
  | 'gemma4'
  | 'granite'
  | 'harmony'
  | 'hermes'
  | 'llama-json'
  | 'mistral'
  | 'pythonic'
  | 'qwen3-xml'
  | 'smollm2'

/** A model with its options spelled out. */
export interface ModelOptions {
  /** A local path or URL (`/models/x`, `./x`, `https://…`, `blob:…`), or a Hub id (`org/name`). */
  id: string
  /** Branch, tag or commit of a Hub model. Default `main`. Ignored for local models. */
  revision?: string
  /** Overrides the config's `dtype` for this model. Not allowed for a local model without a manifest. */
  dtype?: Dtype
  /** Expected SHA-256 (hex) by file path, relative to the model's root. */
  sha256?: Record<string, string>
  /** Overrides the tool format found from the chat template. */
  toolFormat?: ToolFormatName
  /** Replaces the manifest's `toolCallBias`: above 0 the model calls tools more often, below 0 less often. */
  toolCallBias?: number
  /** A Jinja chat template that replaces the model's own. */
  chatTemplate?: string
}

/** A model: its id alone, or the id with options. */
export type ModelRef = string | ModelOptions

/** What part of loading is under way. */
export type LoadPhase = 'resolving' | 'downloading' | 'loading' | 'warming-up'

/** One honest bar over all files of a load; `fraction` and `loaded` never go backwards. */
export interface LoadProgress {
  phase: LoadPhase
  /** Bytes that have arrived, over all files. */
  loaded: number
  /** Bytes of all files, as far as servers told; grows only when a server told nothing before. */
  total: number
  /** `loaded / total`, 0 to 1, non-decreasing. */
  fraction: number
  /** Smoothed download rate; 0 when nothing is being downloaded. */
  bytesPerSecond: number
  /** Seconds until the download is done at the present rate, if that can be known. */
  etaSeconds: number | undefined
  /** The file that is being worked on, relative to the model's root. */
  file: string | undefined
  /** What went wrong without ending the load, e.g. that the model cannot be kept; left out while there is nothing. */
  warnings?: readonly LoadWarning[]
}

/** Something that went wrong and did not end a load. */
export interface LoadWarning {
  /** An error code of the kit: `quota-exceeded`, `storage` or `device-lost`. */
  code: LLMErrorCode
  message: string
  /** The file or model it is about. */
  subject: string | undefined
}

/** Where downloaded files are kept. `auto` takes OPFS, else the Cache API, else nothing. */
export type StoragePreference = 'auto' | 'opfs' | 'cache' | 'none'

/** A Hub model kept in browser storage. */
export interface StoredModel {
  /** Hub id with revision, e.g. `org/name@main`. */
  key: string
  id: string
  revision: string
  files: StoredModelFile[]
  /** Bytes that are stored of it. */
  size: number
  /** `complete`: a load of it was finished and its files are there. `partial`: the next load goes on with what is there. */
  state: 'complete' | 'partial'
  /** Every file of a megabyte or more had the SHA-256 that its server, its manifest or the app named. */
  isVerified: boolean
  /** When it was last loaded, in milliseconds since 1970; undefined where no load was finished. */
  lastUsed: number | undefined
}

/** One file of a {@link StoredModel}. */
export interface StoredModelFile {
  /** Relative to the model's root. */
  path: string
  /** Bytes that are stored. */
  size: number
  /** Bytes of the whole file: more than `size` while it is still arriving. */
  total: number
  /** Its SHA-256 was compared with an expected one before it was stored. */
  isVerified: boolean
}

/** A model's place, told apart as local or on a Hub. Made by `resolveModel`. */
export interface ModelSource {
  /** `local`: beside the app, never stored. `hub`: downloaded once and kept. */
  kind: 'local' | 'hub'
  /** The reference it was made from. */
  options: ModelOptions
  /** Storage key: `org/name@revision` of a Hub model, the root's URL of a local one. */
  key: string
  /** URL of the model's root folder, with a slash at its end. */
  root: string
  /** Branch, tag or commit of a Hub model; undefined for local models. */
  revision: string | undefined
  /** Server of a Hub model, without a slash at its end; undefined for local models. */
  hubURL: string | undefined
  /** Bearer token of a Hub model; sent to `hubURL` only. */
  hubToken: string | undefined
  /**
   * URL of one file, e.g. `url('onnx/model.onnx')`.
   * @throws LLMError `model-corrupt` when the path would leave the model's folder.
   */
  url(path: string): string
}

/** What loading a model's files needs to know of the machine. */
export interface DeviceFacts {
  device: Device
  /** WebGPU features of the adapter, e.g. `shader-f16`. Empty on CPUs. */
  adapterFeatures: readonly string[]
  /** Whether the CPU is fastest with 4-bit weights, as our SIMD core is. Default false: ONNX Runtime is slowest with them. */
  prefersQ4?: boolean
  /** Number formats that gave wrong numbers on this device; they are not chosen. Default: none. */
  refused?: readonly Dtype[] | undefined
}

/** A number format and why it was taken. */
export interface DtypeChoice {
  /** Undefined for local models without a manifest. */
  dtype: Dtype | undefined
  /** One sentence for people. */
  reason: string
}

/** A part of `fetch` that is enough to load models; replaceable, e.g. for `file:` URLs in Node. */
export type FetchLike = (url: string, init?: RequestInit) => Promise<Response>

/** A JSON object as it was parsed. */
export type JSONObject = Record<string, unknown>

/** One ONNX external-data file. */
export interface ExternalDataFile {
  /** As the graph names it, relative to the graph's folder. ONNX Runtime's `externalData[].path`. */
  path: string
  bytes: Uint8Array
}

/** Everything of a model but its graph's bytes. */
export interface ModelSetup {
  /** `config.json`. */
  config: JSONObject
  /** `generation_config.json`, where there is one. */
  generationConfig: JSONObject | undefined
  /** `tokenizer.json`. */
  tokenizerJson: JSONObject
  /** `tokenizer_config.json`. */
  tokenizerConfig: JSONObject
  /**
   * Jinja source: the reference's `chatTemplate`, else `chat_template.jinja`, else the default of
   * `tokenizer_config.json`. Undefined when the model has none.
   */
  chatTemplate: string | undefined
  /** The template named `tool_use`, for models that keep a separate one for tools. */
  toolChatTemplate: string | undefined
  /** The graph's path relative to the model's root, e.g. `onnx/model_q4.onnx`. */
  graphPath: string
  dtype: Dtype | undefined
  /** Why this dtype, in one sentence. */
  dtypeReason: string
  manifest: ModelManifest | undefined
  /** `numerics.json`, where the manifest or the Hub's listing names it: known tokens and what the model makes of them. */
  numerics?: JSONObject | undefined
}

/** All files of a model, in memory. */
export interface ModelFiles extends ModelSetup {
  graph: {
    /** Relative to the model's root. */
    path: string
    bytes: Uint8Array
    externalData: ExternalDataFile[]
  }
}

/** `manifest.json` in a model's root: what is there, in which number formats. */
export interface ModelManifest {
  formatVersion: 1
  name: string | undefined
  /** Architecture as `config.json` names it, e.g. `LlamaForCausalLM`. */
  architecture: string | undefined
  /** Every file by its path relative to the root. Sizes in bytes, SHA-256 in hex. */
  files: ReadonlyMap<string, { size: number | undefined; sha256: string | undefined }>
  /**
   * The graph file of each number format. An optional one may be missing beside a model that is
   * otherwise whole, and is asked for before it is counted on.
   */
  dtypes: ReadonlyMap<Dtype, { file: string; optional: boolean }>
  /** Where the weights lie in a graph, by the graph's path: a shortcut, proved on the file before it is used. */
  tensors: ReadonlyMap<string, TensorTable>
  /**
   * How much the model should lean towards calling a tool: added to the logit of the token that
   * opens a call, at the first token of an answer. Found by calibration; undefined counts as 0.
   */
  toolCallBias: number | undefined
  /** Where the weights come from. Free form. */
  source: unknown
}
