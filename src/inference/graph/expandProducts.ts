import { onnxType, type ModelFiles } from '../../models/index.js'
import { halfToFloat } from '../runtimes/onnx/float16.js'
import { GraphDraft, newNode, type DraftTensor } from './GraphDraft.js'
import { quantizedProduct, type QuantizedProduct } from './QuantizedProduct.js'
import { writeModel, type WrittenModel } from './writeModel.js'

/** Most bytes of weights that are made: more would leave no room in 32-bit memory beside ONNX Runtime's own copy. */
const mostBytes = 1_400_000_000

/**
 * Turns 4-bit and 8-bit products (`MatMulNBits`) into plain ones over the same weights as floats,
 * exactly. ONNX Runtime's WebAssembly has no kernel for the former that deserves the name: eight
 * times slower than this over one token.
 * @returns undefined where there are none, or where the floats take too much memory.
 */
export function expandProducts(graph: ModelFiles['graph']): WrittenModel | undefined {
  try {
    return expand(new GraphDraft(graph), graph)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

function expand(draft: GraphDraft, graph: ModelFiles['graph']): WrittenModel | undefined {
  const found = draft.nodes.flatMap((node) => {
    const widened = node.opType === 'MatMulNBits' ? withoutCast(draft, node.inputs[2]!) : undefined
    const product = widened === undefined ? undefined : quantizedProduct(draft, { ...node, inputs: node.inputs.with(2, widened) })
    return product && (product.bits === 4 || product.bits === 8) && product.columns % product.block === 0 ? [{ node, product }] : []
  })
  const bytes = found.reduce((sum, { product }) => sum + product.rows * product.columns * 4, 0)
  if (found.length === 0 || bytes > mostBytes) return undefined
  for (const { node, product } of found) {
    const weights = floatsOf(draft, product)
    if (!weights) continue
    draft.tensors.set(weights.name, weights)
    draft.replace([node], node, newNode('MatMul', '', [node.inputs[0]!, weights.name], node.outputs))
  }
  draft.dropUnused()
  return writeModel(draft, graph.externalData)
}

/** The stored tensor behind a cast to floats. */
function withoutCast(draft: GraphDraft, value: string): string {
  const maker = draft.maker(value)
  return maker?.opType === 'Cast' ? maker.inputs[0]! : value
}

/** `[columns, rows]`, as MatMul takes them. */
function floatsOf(draft: GraphDraft, { rows, columns, bits, block, weights, scales, zeroPoints }: QuantizedProduct): DraftTensor | undefined {
  const packed = draft.bytesOf(weights)
  const scale = numbersOf(draft, scales)
  const zeros = zeroPoints && draft.bytesOf(zeroPoints)
  if (!packed || !scale || (zeroPoints && !zeros)) return undefined
  const blocks = columns / block
  const zeroRow = Math.ceil((blocks * bits) / 8)
  const read = bits === 4 ? nibble : (from: Uint8Array, at: number) => from[at]!
  const floats = new Float32Array(columns * rows)
  for (let row = 0; row < rows; row++) {
    for (let b = 0; b < blocks; b++) {
      const step = scale[row * blocks + b]!
      const zero = zeros ? read(zeros.subarray(row * zeroRow), b) : 2 ** (bits - 1)
      const from = row * columns + b * block
      for (let i = 0; i < block; i++) floats[(b * block + i) * rows + row] = (read(packed, from + i) - zero) * step
    }
  }
  const data = { bytes: new Uint8Array(floats.buffer) }
  return { name: `${weights.name}.floats`, type: onnxType.float, dims: [columns, rows], data, original: undefined }
}

function nibble(from: Uint8Array, at: number): number {
  return (from[at >> 1]! >> (4 * (at & 1))) & 15
}

function numbersOf(draft: GraphDraft, tensor: DraftTensor): Float32Array | undefined {
  const bytes = draft.bytesOf(tensor)?.slice()
  if (!bytes || (tensor.type !== onnxType.float && tensor.type !== onnxType.float16)) return undefined
  if (tensor.type === onnxType.float) return new Float32Array(bytes.buffer)
  const halves = new Uint16Array(bytes.buffer)
  const numbers = new Float32Array(halves.length)
  halfToFloat(halves, numbers)
  return numbers
}
