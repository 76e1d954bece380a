import { newNode, numberOf, type DraftNode, type GraphDraft } from './GraphDraft.js'
import { quantizedProduct, rowsOf, type QuantizedProduct } from './QuantizedProduct.js'

/** What a gated MLP is made of, from its normalization to the product of its two halves. */
interface GatedMLP {
  norm: DraftNode
  gate: QuantizedProduct
  up: QuantizedProduct
  /** Of `gate` and `up`, where they are stored as one. */
  rows: { gate: number; up: number; count: number }
  /** All nodes that become one. */
  nodes: DraftNode[]
  /** The last of them. */
  last: DraftNode
}

/**
 * RMSNorm with residual, gate and up projections, SiLU and their product become one `MatMulNBitsMlp`,
 * an operator that ONNX Runtime has for WebGPU alone: one kernel where there were six or seven.
 * @returns how many were found.
 */
export function fuseGatedMLP(draft: GraphDraft): number {
  const found = draft.nodes.flatMap((node) => (node.opType === 'Sigmoid' ? (gatedMLP(draft, node) ?? []) : []))
  for (const mlp of found) fuse(draft, mlp)
  return found.length
}

function gatedMLP(draft: GraphDraft, sigmoid: DraftNode): GatedMLP | undefined {
  const gateValue = sigmoid.inputs[0]!
  const silu = draft.onlyUser(sigmoid.outputs[0]!)
  const last = silu?.opType === 'Mul' && silu.inputs.includes(gateValue) ? draft.onlyUser(silu.outputs[0]!) : undefined
  const upValue = last?.opType === 'Mul' ? last.inputs.find((input) => input !== silu!.outputs[0]) : undefined
  if (!silu || !last || upValue === undefined || draft.users(gateValue).length !== 2 || draft.users(upValue).length !== 1) return undefined
  const halves = projections(draft, gateValue, upValue)
  if (!halves || !isPlain(halves.gate, halves.up)) return undefined
  const input = halves.gate.node.inputs[0]!
  const norm = draft.maker(input)
  const readers = new Set(halves.nodes)
  if (norm?.opType !== 'SkipSimplifiedLayerNormalization' || norm.inputs[3] || norm.inputs[4]) return undefined
  // The operator's second output is the sum before the norm; any other would be lost.
  if (norm.outputs[1] || norm.outputs[2] || draft.users(input).some((user) => !readers.has(user))) return undefined
  return { ...halves, norm, nodes: [norm, ...halves.nodes, sigmoid, silu, last], last }
}

function projections(draft: GraphDraft, gateValue: string, upValue: string): Pick<GatedMLP, 'gate' | 'up' | 'rows' | 'nodes'> | undefined {
  const maker = draft.maker(gateValue)
  const upMaker = draft.maker(upValue)
  if (maker?.opType !== 'Split') {
    const gate = quantizedProduct(draft, maker)
    const up = quantizedProduct(draft, upMaker)
    if (!gate || !up || gate.node.inputs[0] !== up.node.inputs[0] || gate.rows !== up.rows) return undefined
    return { gate, up, rows: { gate: 0, up: 0, count: gate.rows }, nodes: [gate.node, up.node] }
  }
  const both = quantizedProduct(draft, draft.maker(maker.inputs[0]!))
  const isHalved = maker === upMaker && maker.outputs.length === 2 && halves(draft, maker, both?.rows ?? 0)
  if (!both || !isHalved || draft.users(both.node.outputs[0]!).length !== 1) return undefined
  const count = both.rows / 2
  const first = maker.outputs[0] === gateValue
  return { gate: both, up: both, rows: { gate: first ? 0 : count, up: first ? count : 0, count }, nodes: [both.node, maker] }
}

function halves(draft: GraphDraft, split: DraftNode, rows: number): boolean {
  const sizes = split.inputs[1] ? draft.constant(split.inputs[1]) : [rows / 2, rows / 2]
  return numberOf(split, 'axis', 0) === -1 && sizes?.length === 2 && sizes[0] === rows / 2 && sizes[1] === rows / 2
}

function isPlain(gate: QuantizedProduct, up: QuantizedProduct): boolean {
  const same = gate.bits === up.bits && gate.block === up.block && gate.columns === up.columns && gate.scales.type === up.scales.type
  return same && (gate.bits === 4 || gate.bits === 8) && !gate.zeroPoints && !up.zeroPoints
}

function fuse(draft: GraphDraft, { norm, gate, up, rows, nodes, last }: GatedMLP): void {
  const part = ({ node, rows: all, weights, scales }: QuantizedProduct, start: number, role: string) =>
    [weights, scales].map((tensor, i) => {
      const name = `${node.outputs[0]}.${role}.${i === 0 ? 'weight' : 'scale'}`
      draft.tensors.set(name, rowsOf(tensor, all, start, rows.count, name))
      return name
    })
  const inputs = [norm.inputs[0]!, norm.inputs[1]!, norm.inputs[2]!, ...part(gate, rows.gate, 'gate'), '', ...part(up, rows.up, 'up')]
  const sum = norm.outputs[3]
  const outputs = [last.outputs[0]!, ...(sum ? [sum] : [])]
  const node = newNode('MatMulNBitsMlp', 'com.microsoft', inputs, outputs, {
    K: { int: gate.columns },
    N: { int: rows.count },
    bits: { int: gate.bits },
    block_size: { int: gate.block },
    accuracy_level: { int: numberOf(gate.node, 'accuracy_level', 0) },
    activation: { text: 'silu' },
    epsilon: { float: numberOf(norm, 'epsilon', 1e-5) },
  })
  draft.replace(nodes, last, node)
}
