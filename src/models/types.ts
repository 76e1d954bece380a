/** Number format of a model's weights. `q4f16` is 4-bit weights with fp16 arithmetic. */
export type Dtype = 'fp32' | 'fp16' | 'q8' | 'q4' | 'q4f16'

/** Where the arithmetic runs: a GPU, WebAssembly on the CPU, or (in Node) the CPU natively. */
export type Device = 'webgpu' | 'wasm' | 'cpu'

/** Names of the tool-call formats the kit can render and parse. */
export type ToolFormatName = 'hermes'

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
}

/** Where downloaded files are kept. `auto` takes OPFS, else the Cache API, else nothing. */
export type StoragePreference = 'auto' | 'opfs' | 'cache' | 'none'

/** A Hub model kept in browser storage. */
export interface StoredModel {
  /** Hub id with revision, e.g. `org/name@main`. */
  key: string
  id: string
  revision: string
  files: { path: string; size: number }[]
  /** Sum of the files' sizes in bytes. */
  size: number
}
