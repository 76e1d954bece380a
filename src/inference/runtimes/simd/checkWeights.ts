import { onnxType, type OnnxNode } from '../../../models/index.js'
import { describe, type GraphView } from './GraphView.js'
import { Unsupported } from './Unsupported.js'

/** Products of weights that were rounded in other ways than the core knows. */
const otherProducts: Readonly<Record<string, string>> = {
  MatMulInteger: '8-bit with one scale for many inputs',
  MatMulIntegerToFloat: '8-bit with one scale for many inputs',
  DynamicQuantizeMatMul: '8-bit with one scale for many inputs',
  QLinearMatMul: '8-bit with one scale for many inputs',
  MatMulBnb4: '4-bit in the format bnb4',
}

const typeNames: Readonly<Record<number, string>> = {
  [onnxType.float]: 'fp32',
  [onnxType.uint8]: 'uint8',
  [onnxType.int8]: 'int8',
  [onnxType.int32]: 'int32',
  [onnxType.int64]: 'int64',
  [onnxType.float16]: 'fp16',
  11: 'fp64',
  16: 'bf16',
  [onnxType.uint4]: 'uint4',
  [onnxType.int4]: 'int4',
}

/** A `TensorProto.DataType` for people. */
export function typeName(type: number): string {
  return typeNames[type] ?? `type ${type}`
}

/** Throws, and says of what format its weights are, where no matrix of a graph is in blocks of 4 or 8 bits. */
export function checkWeights(view: GraphView): void {
  const { nodes } = view.graph
  if (nodes.some(({ opType }) => opType === 'MatMulNBits')) return
  const described = nodes.map((node) => weightFormat(view, node)).find((format) => format !== undefined)
  if (described !== undefined) throw notInBlocks(`its weights are ${described}`)
}

/** What the weights of a node that is a product are, other than blocks: a format, and where it is. */
export function weightFormat(view: GraphView, node: OnnxNode): string | undefined {
  if (Object.hasOwn(otherProducts, node.opType)) return `${otherProducts[node.opType]} (${describe(node)})`
  if (node.opType !== 'MatMul' && node.opType !== 'Gemm' && node.opType !== 'FusedMatMul') return undefined
  const tensor = node.inputs.map((input) => view.tensor(input)).find((weights) => weights && weights.dims.length > 1)
  return tensor && `${typeName(tensor.type)} (${describe(node)})`
}

/** @param what begins the reason, e.g. `its weights are fp32`. */
export function notInBlocks(what: string): Unsupported {
  return new Unsupported(`${what}, and it multiplies with blocks of 4-bit or 8-bit weights only (MatMulNBits, as in a q4 file)`)
}
