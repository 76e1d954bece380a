/** A field of one of the core's structs. All are little-endian. */
export type FieldType = 'i32' | 'usize' | 'f32' | 'f64'

/** Fields in order; each lies at the next multiple of its own size, as AssemblyScript lays out unmanaged classes. */
export type Struct = Readonly<Record<string, FieldType>>

const sizes: Record<FieldType, number> = { i32: 4, usize: 4, f32: 4, f64: 8 }

/** `core/Matrix.ts` */
export const matrixStruct = {
  rows: 'i32',
  columns: 'i32',
  bits: 'i32',
  block: 'i32',
  weights: 'usize',
  scales: 'usize',
  scaleBits: 'i32',
  zeroPoints: 'usize',
  bias: 'usize',
} as const

/** `core/plan.ts`, RotaryPlan */
export const rotaryStruct = {
  dimensions: 'i32',
  interleaved: 'i32',
  theta: 'f64',
  factor: 'f64',
  llama3Factor: 'f64',
  lowFrequencyFactor: 'f64',
  highFrequencyFactor: 'f64',
  originalContext: 'f64',
  frequencies: 'usize',
  index: 'i32',
} as const

/** `core/plan.ts`, LayerPlan */
export const layerStruct = {
  inputNorm: 'usize',
  query: 'usize',
  key: 'usize',
  value: 'usize',
  output: 'usize',
  queryNorm: 'usize',
  keyNorm: 'usize',
  postAttentionNorm: 'usize',
  mlpNorm: 'usize',
  gate: 'usize',
  up: 'usize',
  down: 'usize',
  postMlpNorm: 'usize',
  window: 'i32',
  rotary: 'usize',
} as const

/** `core/plan.ts`, ModelPlan */
export const modelStruct = {
  layerCount: 'i32',
  hidden: 'i32',
  intermediate: 'i32',
  heads: 'i32',
  keyValueHeads: 'i32',
  headDim: 'i32',
  vocab: 'i32',
  gateKind: 'i32',
  embedding: 'usize',
  head: 'usize',
  finalNorm: 'usize',
  layers: 'usize',
  rotaries: 'usize',
  rotaryCount: 'i32',
  epsilon: 'f32',
  normOffset: 'f32',
  embeddingScale: 'f32',
  attentionScale: 'f32',
  residualScale: 'f32',
  logitScale: 'f32',
  logitCap: 'f32',
  attentionCap: 'f32',
} as const

/** `core/Run.ts`: the fields that the host writes. The others follow and are the core's. */
export const runStruct = {
  plan: 'usize',
  tokens: 'usize',
  count: 'i32',
  past: 'i32',
  pages: 'usize',
  logits: 'usize',
  attentionResults: 'usize',
} as const

/** Bytes of the whole of `core/Run.ts`, with room for the core's own fields. */
export const runBytes = 128

/** Bytes of a struct. */
export function sizeOf(struct: Struct): number {
  return layout(struct).size
}

/** Writes a struct's fields; those that `values` lacks become 0. */
export function writeStruct<S extends Struct>(
  buffer: ArrayBufferLike,
  address: number,
  struct: S,
  values: Readonly<Partial<Record<keyof S, number>>>,
): void {
  const { offsets } = layout(struct)
  const view = new DataView(buffer, address)
  for (const [name, type] of Object.entries(struct)) {
    const at = offsets.get(name)!
    const value = values[name] ?? 0
    if (type === 'i32') view.setInt32(at, value, true)
    else if (type === 'usize') view.setUint32(at, value, true)
    else if (type === 'f32') view.setFloat32(at, value, true)
    else view.setFloat64(at, value, true)
  }
}

function layout(struct: Struct): { size: number; offsets: Map<string, number> } {
  const offsets = new Map<string, number>()
  let end = 0
  let widest = 4
  for (const [name, type] of Object.entries(struct)) {
    const size = sizes[type]
    widest = Math.max(widest, size)
    const at = Math.ceil(end / size) * size
    offsets.set(name, at)
    end = at + size
  }
  return { size: Math.ceil(end / widest) * widest, offsets }
}
