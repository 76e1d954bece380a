import type { OnnxNode, OnnxTensor } from '../../../models/index.js'
import type { MatrixPlan, VectorPlace } from '../../../simd/index.js'
import { describe, numberOf, type GraphView } from './GraphView.js'
import type { MatrixReader, RowRange } from './MatrixReader.js'
import { rotaryTables, type RotaryTables } from './planRotary.js'
import { Unsupported } from './Unsupported.js'

/** A GroupQueryAttention node with what feeds it. */
export interface AttentionParts {
  heads: number
  keyValueHeads: number
  headDim: number
  scale: number
  cap: number
  window: number
  query: MatrixPlan
  key: MatrixPlan
  value: MatrixPlan
  queryNorm: VectorPlace | undefined
  keyNorm: VectorPlace | undefined
  /** Of the norms of queries and keys, where the graph has them as nodes. */
  epsilon: number | undefined
  rotary: RotaryTables
  /** The value that the projections multiply. */
  input: string
  output: string
}

interface Projection {
  node: OnnxNode
  range: RowRange | undefined
  bias: OnnxTensor | undefined
  norm: VectorPlace | undefined
  epsilon: number | undefined
  rotary: RotaryTables | undefined
}

/** Reads attention nodes backwards, to the matrices that make queries, keys and values. */
export class AttentionReader {
  readonly #view: GraphView
  readonly #matrices: MatrixReader

  constructor(view: GraphView, matrices: MatrixReader) {
    this.#view = view
    this.#matrices = matrices
  }

  read(node: OnnxNode): AttentionParts {
    const heads = numberOf(node, 'num_heads', 0)
    const keyValueHeads = numberOf(node, 'kv_num_heads', 0)
    const [queries, keys, values] = node.inputs
    this.#checkExtras(node)
    if (heads <= 0 || keyValueHeads <= 0 || heads % keyValueHeads !== 0) throw new Unsupported(`${describe(node)} has ${heads} heads on ${keyValueHeads}`)
    const query = this.#trace(queries)
    const fused = !keys && !values
    const rows = numberOf(query.node, 'N', 0)
    const headDim = fused ? rows / (heads + 2 * keyValueHeads) : (query.range?.count ?? rows) / heads
    if (!Number.isInteger(headDim) || headDim % 2 !== 0) throw new Unsupported(`${describe(node)} has heads of ${headDim} elements`)
    const width = headDim * keyValueHeads
    const key = fused ? query : this.#trace(keys)
    const value = fused ? query : this.#trace(values)
    const parts: [MatrixPlan, MatrixPlan, MatrixPlan] = fused
      ? [
          this.#matrix(query, { start: 0, count: heads * headDim }),
          this.#matrix(query, { start: heads * headDim, count: width }),
          this.#matrix(query, { start: heads * headDim + width, count: width }),
        ]
      : [this.#matrix(query), this.#matrix(key), this.#matrix(value)]
    if (parts[1].rows !== width || parts[2].rows !== width) throw new Unsupported(`keys or values of ${describe(node)} have another size`)
    for (const { norm } of fused ? [] : [query, key]) {
      if (norm && norm.length !== headDim) throw new Unsupported(`a norm of ${describe(node)} is not per head`)
    }
    if (!fused && value.norm) throw new Unsupported(`${describe(node)} normalizes values`)
    if (fused && query.norm) throw new Unsupported(`${describe(node)} normalizes queries, keys and values together`)
    const input = this.#view.root(query.node.inputs[0]!)
    if ([key, value].some((part) => this.#view.root(part.node.inputs[0]!) !== input)) {
      throw new Unsupported(`queries, keys and values of ${describe(node)} come from different values`)
    }
    const softmaxScale = numberOf(node, 'scale', 0)
    return {
      heads,
      keyValueHeads,
      headDim,
      scale: softmaxScale === 0 ? headDim ** -0.5 : softmaxScale,
      cap: numberOf(node, 'softcap', 0),
      window: Math.max(0, numberOf(node, 'local_window_size', -1)),
      query: parts[0],
      key: parts[1],
      value: parts[2],
      queryNorm: query.norm ?? this.#norm(node.inputs[14]),
      keyNorm: (fused ? undefined : key.norm) ?? this.#norm(node.inputs[15]),
      epsilon: query.epsilon ?? key.epsilon,
      rotary: this.#rotary(node, query, key),
      input,
      output: node.outputs[0]!,
    }
  }

  // Inputs by the operator's schema: attention_bias 10, head_sink 11, k_scale 12, v_scale 13.
  #checkExtras(node: OnnxNode): void {
    if (node.inputs.slice(10, 14).some((input) => input !== '')) throw new Unsupported(`${describe(node)} has a bias, sinks or a quantized cache`)
    if (numberOf(node, 'smooth_softmax', 0) === 1) throw new Unsupported(`${describe(node)} has a smooth softmax`)
  }

  #rotary(node: OnnxNode, query: Projection, key: Projection): RotaryTables {
    if (numberOf(node, 'do_rotary', 0) === 1) {
      if (query.rotary || key.rotary) throw new Unsupported(`queries of ${describe(node)} are turned twice`)
      return rotaryTables(node, 7)
    }
    if (!query.rotary || !key.rotary) throw new Unsupported(`${describe(node)} has no rotary embedding`)
    if (query.rotary.cos !== key.rotary.cos || query.rotary.interleaved !== key.rotary.interleaved) {
      throw new Unsupported(`queries and keys of ${describe(node)} are turned differently`)
    }
    return query.rotary
  }

  #matrix({ node, range, bias }: Projection, part?: RowRange): MatrixPlan {
    return this.#matrices.product(node, part ?? range, bias)
  }

  #norm(name: string | undefined): VectorPlace | undefined {
    const tensor = this.#view.tensor(name)
    return tensor && this.#matrices.vector(tensor)
  }

  #trace(value: string | undefined): Projection {
    const found: Omit<Projection, 'node'> = { range: undefined, bias: undefined, norm: undefined, epsilon: undefined, rotary: undefined }
    let name = value ?? ''
    for (let steps = 0; steps < 12; steps++) {
      const node = this.#view.maker(name)
      if (node?.opType === 'MatMulNBits' || node?.opType === 'MatMul') return { ...found, node }
      const next = node && this.#pass(node, name, found)
      if (next === undefined) throw new Unsupported(`it does not know how ${name === '' ? 'queries' : name} are made${node ? `: ${describe(node)}` : ''}`)
      name = next
    }
    throw new Unsupported(`it does not know how ${String(value)} is made`)
  }

  #pass(node: OnnxNode, output: string, found: Omit<Projection, 'node'>): string | undefined {
    switch (node.opType) {
      case 'Reshape':
        return node.inputs[0]
      case 'Split':
        if (found.range) return undefined
        found.range = this.#splitRange(node, output)
        return node.inputs[0]
      case 'SimplifiedLayerNormalization':
      case 'RMSNormalization':
        if (found.norm || found.range) return undefined
        found.norm = this.#norm(node.inputs[1])
        found.epsilon = numberOf(node, 'epsilon', 1e-5)
        return found.norm && node.inputs[0]
      case 'RotaryEmbedding':
        // A norm behind it would come after turning, which the core does in the other order.
        if (found.rotary || found.norm) return undefined
        found.rotary = rotaryTables(node, 2)
        return node.inputs[0]
      case 'Add': {
        const [left, right] = node.inputs
        found.bias = this.#view.tensor(right) ?? this.#view.tensor(left)
        return found.bias && (this.#view.tensor(right) ? left : right)
      }
      default:
        return undefined
    }
  }

  #splitRange(node: OnnxNode, output: string): RowRange | undefined {
    const index = node.outputs.findIndex((name) => name === this.#view.root(output))
    const attribute = node.attributes.get('split')
    const sizes = node.inputs[1] ? this.#view.tensor(node.inputs[1])?.values : Array.isArray(attribute) ? (attribute as number[]) : undefined
    if (!sizes || index < 0) throw new Unsupported(`${describe(node)} has parts of unknown sizes`)
    return { start: sizes.slice(0, index).reduce((sum, size) => sum + size, 0), count: sizes[index]! }
  }
}
