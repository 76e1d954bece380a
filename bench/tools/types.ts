import type { Dtype } from '../../src/models/types.js'
import type { ToolSpec } from '../../src/tools/types.js'
import type { EngineWorker } from '../../src/worker/protocol.js'

/** A way of writing calls that is compared with others. */
export interface Side {
  constrained: boolean
  /** Whether tokens that the grammar forces run through the graph together. */
  jumpForward: boolean
  /** Whether tokens are drafted and verified several at once. */
  speculation: boolean
}

/** What all sides have in common. */
export interface Setup {
  model: string
  dtype: Dtype
  device: 'wasm' | 'webgpu'
  threads: number
}

/** A message to one of the demos. */
export interface BenchRequest {
  say: string
  tools: ToolSpec[]
  toolCallBias?: number
}

/** One run of the graph. */
export interface GraphRun {
  tokens: number
  ms: number
}

/** How one message went. Times in milliseconds from when it was sent. */
export interface Answered {
  /** When the first handler ran; undefined if none did. */
  dispatchedMs: number | undefined
  firstTokenMs: number
  /** Runs of the graph after the prompt's. */
  decodeRuns: GraphRun[]
  tokenIds: number[]
  calls: string
}

/** What the grammar took at one token, in milliseconds. */
export interface GrammarStep {
  /** To find tokens that can only come next. */
  forcedMs: number
  /** To compute the mask and put it on the logits; undefined where the text was free. */
  maskMs: number | undefined
  /** To go on by the token. */
  acceptMs: number
}

/** What a set of tools takes before its first call, in milliseconds. */
export interface CompileTimes {
  tools: number
  first: number
  cached: number
}

/** The engine's worker, with a look into it. */
export interface BenchWorker extends EngineWorker {
  /** Runs of the graph since this was last asked. */
  takeRuns(): GraphRun[]
  /** Replays an answer through the grammar alone. */
  grammarSteps(request: BenchRequest, tokenIds: readonly number[]): Promise<GrammarStep[]>
  /** `once`: the library and the vocabulary. `sets`: for each set of tools. */
  compileTimes(sets: readonly ToolSpec[][]): Promise<{ once: number; sets: CompileTimes[] }>
}
