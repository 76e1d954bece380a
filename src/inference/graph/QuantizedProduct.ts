import { onnxType } from '../../models/index.js'
import { halfToFloat } from '../runtimes/onnx/float16.js'
import { numberOf, type DraftNode, type DraftTensor, type GraphDraft } from './GraphDraft.js'

/** A MatMulNBits node with its weights: `N` rows of `K` columns in blocks with one scale each. */
export interface QuantizedProduct {
  node: DraftNode
  rows: number
  columns: number
  bits: number
  block: number
  /** `[N, blocks, bytes a block]` */
  weights: DraftTensor
  /** `[N, blocks]` or `[N · blocks]` */
  scales: DraftTensor
  zeroPoints: DraftTensor | undefined
}

/** Reads a node as a product without bias and permutation; undefined where it is something else. */
export function quantizedProduct(draft: GraphDraft, node: DraftNode | undefined): QuantizedProduct | undefined {
  if (node?.opType !== 'MatMulNBits') return undefined
  const [, weightsName, scalesName, zeroName, permutation, bias] = node.inputs
  const weights = draft.tensors.get(weightsName!)
  const scales = draft.tensors.get(scalesName!)
  const zeroPoints = zeroName ? draft.tensors.get(zeroName) : undefined
  if (!weights?.data || !scales?.data || permutation || bias || (zeroName && zeroPoints?.type !== onnxType.uint8)) return undefined
  return {
    node,
    rows: numberOf(node, 'N', 0),
    columns: numberOf(node, 'K', 0),
    bits: numberOf(node, 'bits', 4),
    block: numberOf(node, 'block_size', 128),
    weights,
    scales,
    zeroPoints,
  }
}

/** Rows `[start, start + count)` of a tensor of `rows` rows, where they lie, as `[count, …]`. */
export function rowsOf(tensor: DraftTensor, rows: number, start: number, count: number, name: string): DraftTensor {
  const { type, dims, data } = tensor
  const elements = dims.reduce((product, dim) => product * dim, 1)
  const shape = dims.length > 1 ? [count, ...dims.slice(1)] : [(elements / rows) * count]
  return { name, type, dims: shape, data: cut(data!, rows, start, count), original: undefined }
}

/** Turns half-precision constants that are cast into floats. Without this ONNX Runtime does so, in WebAssembly memory. */
export function widenHalves(draft: GraphDraft): void {
  for (const node of [...draft.nodes]) {
    const tensor = node.opType === 'Cast' ? draft.tensors.get(node.inputs[0]!) : undefined
    const bytes = tensor?.type === onnxType.float16 && numberOf(node, 'to', 0) === onnxType.float ? draft.bytesOf(tensor) : undefined
    if (!tensor || !bytes) continue
    const halves = new Uint16Array(bytes.slice().buffer)
    const floats = new Float32Array(halves.length)
    halfToFloat(halves, floats)
    const name = node.outputs[0]!
    draft.nodes = draft.nodes.filter((each) => each !== node)
    draft.tensors.set(name, { name, type: onnxType.float, dims: tensor.dims, data: { bytes: new Uint8Array(floats.buffer) }, original: undefined })
  }
}

function cut(data: NonNullable<DraftTensor['data']>, rows: number, start: number, count: number): DraftTensor['data'] {
  if ('bytes' in data) {
    const row = data.bytes.length / rows
    return { bytes: data.bytes.subarray(start * row, (start + count) * row) }
  }
  const row = data.length / rows
  return { file: data.file, offset: data.offset + start * row, length: count * row }
}
