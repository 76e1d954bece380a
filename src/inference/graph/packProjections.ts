import { newNode, numberOf, type DraftNode, type DraftTensor, type GraphDraft } from './GraphDraft.js'
import { quantizedProduct, type QuantizedProduct } from './QuantizedProduct.js'

/**
 * Query, key and value projections become one product, which GroupQueryAttention takes packed.
 * Only where that operator turns the vectors itself (`do_rotary`). The rows of the three are put
 * one after another, which copies them.
 * @returns how many were found.
 */
export function packProjections(draft: GraphDraft): number {
  let count = 0
  for (const attention of [...draft.nodes]) {
    if (attention.opType !== 'GroupQueryAttention' || numberOf(attention, 'do_rotary', 0) !== 1) continue
    const parts = attention.inputs.slice(0, 3).map((input) => quantizedProduct(draft, draft.maker(input)))
    const joined = parts.every((part) => part !== undefined && draft.onlyUser(part.node.outputs[0]!) === attention) && join(draft, parts as QuantizedProduct[])
    if (!joined) continue
    attention.inputs.splice(0, 3, joined.outputs[0]!, '', '')
    count++
  }
  return count
}

function join(draft: GraphDraft, parts: QuantizedProduct[]): DraftNode | undefined {
  const [first] = parts
  const name = `${first!.node.outputs[0]}.packed`
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  const isAlike = parts.every(
    ({ node, columns, bits, block, scales, zeroPoints }) =>
      node.inputs[0] === first!.node.inputs[0] &&
      columns === first!.columns &&
      bits === first!.bits &&
      block === first!.block &&
      scales.type === first!.scales.type &&
      !zeroPoints === !first!.zeroPoints,
  )
  const stack = (tensors: (DraftTensor | undefined)[], role: string) => {
    const bytes = tensors.map((tensor) => tensor && draft.bytesOf(tensor))
    const { type, dims } = tensors[0]!
    if (bytes.some((part) => part === undefined)) return undefined
    const shape = dims.length > 1 ? [rows, ...dims.slice(1)] : [(dims[0]! / first!.rows) * rows]
    return { name: `${name}.${role}`, type, dims: shape, data: { bytes: concatenate(bytes as Uint8Array[]) }, original: undefined }
  }
  if (!isAlike) return undefined
  const weights = stack(parts.map((part) => part.weights), 'weight')
  const scales = stack(parts.map((part) => part.scales), 'scale')
  const zeroPoints = first!.zeroPoints && stack(parts.map((part) => part.zeroPoints), 'zero')
  if (!weights || !scales || (first!.zeroPoints && !zeroPoints)) return undefined
  for (const tensor of [weights, scales, zeroPoints]) if (tensor) draft.tensors.set(tensor.name, tensor)
  const node = newNode('MatMulNBits', 'com.microsoft', [first!.node.inputs[0]!, weights.name, scales.name, ...(zeroPoints ? [zeroPoints.name] : [])], [name], {
    K: { int: first!.columns },
    N: { int: rows },
    bits: { int: first!.bits },
    block_size: { int: first!.block },
    accuracy_level: { int: numberOf(first!.node, 'accuracy_level', 0) },
  })
  draft.replace(parts.map((part) => part.node), first!.node, node)
  return node
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
