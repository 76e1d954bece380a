import { ModelPlan } from './plan'

/** One forward pass: what is fed to which sequence. Written before the steps begin, read by all threads. */
@unmanaged
export class Run {
  // The host's.
  plan: ModelPlan
  /** Int32 ids of the tokens to feed. */
  tokens: usize
  /** How many: at least 1, at most what the scratch was placed for. */
  count: i32
  /** Tokens that the sequence holds already. */
  past: i32
  /** The sequence's page table: int32 addresses, enough pages for `past + count` tokens. */
  pages: usize
  /** Float32 `[rows, vocab]` for the logits asked for. */
  logits: usize
  /** `attentionBytes`, at a multiple of 16, enough for `past + count` tokens; 0 where there is one thread. */
  attentionResults: usize

  // The core's, written by `placeScratch`. Where there is one token, each thread has a row of its own of the first three kinds.
  /** The residual stream, float32 `[rows, hidden]`. */
  stream: usize
  /** Its norms, the same shape. */
  normed: usize
  /** Three sets of quantized rows, `quantizedBytes` apart. */
  quantized: usize
  quantizedBytes: usize
  /** Float32 `[tokens, heads, headDim]`, and the same for key-value heads. */
  queries: usize
  keys: usize
  values: usize
  attended: usize
  /** What attention or feed-forward adds, float32 `[tokens, hidden]`. */
  branch: usize
  /** Float32 `[tokens, intermediate]`. */
  gate: usize
  up: usize
  /** For each rotary plan float32 `[tokens, headDim]`, `angleBytes` apart. */
  angles: usize
  angleBytes: usize
  /** `threadBytes` for each thread. */
  threadScratch: usize
  threadBytes: usize
}
