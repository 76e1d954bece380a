import { Matrix } from './Matrix'

/** How a layer turns the gate into a factor: SiLU or the tanh form of GELU. */
export const GATE_SILU = 0
export const GATE_GELU_TANH = 1

// Fields whose type is a class hold its address: unmanaged classes never lie inside one another.

/** Rotary embedding of a group of layers. The core fills `frequencies` once, in `prepare`. */
@unmanaged
export class RotaryPlan {
  /** Dimensions that turn, even; the rest of a head stays. */
  dimensions: i32
  /** 0: halves (element i with i + d/2), 1: interleaved (2i with 2i + 1). */
  interleaved: i32
  theta: f64
  /** Linear scaling divides positions by this; 1 for none. */
  factor: f64
  /** Llama 3 scaling: 0 for none, else its `factor`, with the three values below. */
  llama3Factor: f64
  lowFrequencyFactor: f64
  highFrequencyFactor: f64
  originalContext: f64
  /** Float32 `[dimensions / 2]`: address, filled by the core. */
  frequencies: usize
  /** Number of this plan among the model's. */
  index: i32
}

/** One decoder layer. Addresses of norms are float32 vectors; 0 where the architecture has none. */
@unmanaged
export class LayerPlan {
  inputNorm: usize
  query: Matrix
  key: Matrix
  value: Matrix
  output: Matrix
  /** Per head, `[headDim]`. */
  queryNorm: usize
  keyNorm: usize
  /** On the attention's output before it is added (Gemma). */
  postAttentionNorm: usize
  /** Before the feed-forward part. */
  mlpNorm: usize
  gate: Matrix
  up: Matrix
  down: Matrix
  /** On the feed-forward's output before it is added (Gemma). */
  postMlpNorm: usize
  /** Tokens that attention looks back, itself included; 0: all. */
  window: i32
  rotary: RotaryPlan
}

/** A whole decoder. Written by the host, read by the core. */
@unmanaged
export class ModelPlan {
  layerCount: i32
  hidden: i32
  intermediate: i32
  heads: i32
  keyValueHeads: i32
  headDim: i32
  vocab: i32
  gateKind: i32
  /** Table `[vocab, hidden]` for the input; `bits` 4, 8, 16 or 32. */
  embedding: Matrix
  /** Matrix `[vocab, hidden]` for the output. */
  head: Matrix
  finalNorm: usize
  /** Address of `layerCount` addresses of LayerPlan. */
  layers: usize
  /** Address of `rotaryCount` addresses of RotaryPlan, each of a different one. */
  rotaries: usize
  rotaryCount: i32
  epsilon: f32
  /** Added to every norm's weight: 1 where the file holds Gemma's weights without it, else 0. */
  normOffset: f32
  embeddingScale: f32
  attentionScale: f32
  /** Factor of what a layer adds to the residual stream (Granite), else 1. */
  residualScale: f32
  /** Factor of the logits (1 / Granite's `logits_scaling`), else 1. */
  logitScale: f32
  /** `cap · tanh(x / cap)` on the logits; 0: none. */
  logitCap: f32
  /** The same on attention scores; 0: none. */
  attentionCap: f32
}
