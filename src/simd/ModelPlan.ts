/** A place in one of the model's files. */
export interface FilePlace {
  /** Index of the file, in the order in which their addresses are given to {@link writePlan}. */
  file: number
  /** Bytes from the file's start; no alignment needed. */
  offset: number
}

/** A vector of floats in a file. */
export interface VectorPlace extends FilePlace {
  length: number
  /** Bits of an element. */
  bits: 16 | 32
}

/** A weight matrix `[rows, columns]` where it lies; formats as in `core/Matrix.ts`. */
export interface MatrixPlan {
  rows: number
  columns: number
  /** 4 and 8: blocks with scales, as in ONNX Runtime's MatMulNBits. 16 and 32: floats. */
  bits: 4 | 8 | 16 | 32
  /** Elements of a block; 0 for floats. */
  block: number
  weights: FilePlace
  /** `[rows, blocks]`; undefined for floats. */
  scales?: FilePlace
  /** Bits of a scale. */
  scaleBits: 16 | 32
  /** Undefined: symmetric. */
  zeroPoints?: FilePlace
  /** `[rows]` */
  bias?: VectorPlace
}

/** Rotary embedding of a layer. Layers with the same values share one table. */
export interface RotaryPlan {
  /** Dimensions that turn, even; the rest of a head stays. */
  dimensions: number
  /** Pairs 2i with 2i + 1 in place of i with i + d/2. */
  interleaved: boolean
  theta: number
  /** Positions are divided by it; 1 for none. */
  factor: number
  /** Llama 3's scaling, where there is one. */
  llama3?: { factor: number; lowFrequencyFactor: number; highFrequencyFactor: number; originalContext: number }
}

/** One decoder layer; a part that is left out is one the architecture does not have. */
export interface LayerPlan {
  inputNorm: VectorPlace
  query: MatrixPlan
  key: MatrixPlan
  value: MatrixPlan
  output: MatrixPlan
  /** Per head, `[headDim]`. */
  queryNorm?: VectorPlace
  keyNorm?: VectorPlace
  /** On the attention's output before it is added (Gemma). */
  postAttentionNorm?: VectorPlace
  mlpNorm: VectorPlace
  gate: MatrixPlan
  up: MatrixPlan
  down: MatrixPlan
  /** On the feed-forward's output before it is added (Gemma). */
  postMlpNorm?: VectorPlace
  /** Tokens that attention looks back, itself included; 0: all. */
  window: number
  rotary: RotaryPlan
}

/** A whole decoder: what it computes, and where in the files its weights are. */
export interface ModelPlan {
  hidden: number
  intermediate: number
  heads: number
  keyValueHeads: number
  headDim: number
  vocab: number
  gate: 'silu' | 'gelu-tanh'
  embedding: MatrixPlan
  head: MatrixPlan
  finalNorm: VectorPlace
  layers: readonly LayerPlan[]
  epsilon: number
  /** Added to every norm's weight: 1 for Gemma's weights as they are trained, else 0. */
  normOffset: number
  embeddingScale: number
  attentionScale: number
  /** Factor of what a layer adds to the residual stream, else 1. */
  residualScale: number
  /** Factor of the logits, else 1. */
  logitScale: number
  /** `cap · tanh(x / cap)` on the logits; 0: none. */
  logitCap: number
  /** The same on attention scores; 0: none. */
  attentionCap: number
  /** Longest context in tokens. */
  context: number
}
