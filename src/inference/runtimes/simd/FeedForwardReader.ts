import type { OnnxNode } from '../../../models/index.js'
import type { MatrixPlan, ModelPlan } from '../../../simd/index.js'
import { describe, numberOf, type GraphView } from './GraphView.js'
import type { MatrixReader, RowRange } from './MatrixReader.js'
import { Unsupported } from './Unsupported.js'

/** A gated feed-forward part. */
export interface FeedForwardParts {
  gate: MatrixPlan
  up: MatrixPlan
  down: MatrixPlan
  kind: ModelPlan['gate']
  /** The value that `down` gives. */
  output: string
}

/** A projection's result: what made it, and which rows. */
interface Half {
  value: string
  matrix: MatrixPlan
}

/** Reads feed-forward parts forwards, from the norm to the value that is added. */
export class FeedForwardReader {
  readonly #view: GraphView
  readonly #matrices: MatrixReader

  constructor(view: GraphView, matrices: MatrixReader) {
    this.#view = view
    this.#matrices = matrices
  }

  read(input: string): FeedForwardParts {
    const [left, right] = this.#halves(this.#view.users(input))
    for (const [gate, up] of [
      [left, right],
      [right, left],
    ] as const) {
      const activated = this.#activation(gate.value, up.value)
      if (!activated) continue
      const product = this.#view.user(activated.value)
      if (product.opType !== 'Mul' || !this.#view.takes(product, up.value)) continue
      const down = this.project(product.outputs[0]!)
      return { gate: gate.matrix, up: up.matrix, down: down.matrix, kind: activated.kind, output: down.value }
    }
    throw new Unsupported(`it does not know the feed-forward part behind ${input}`)
  }

  /** The matrix that alone multiplies `value`, with its bias. */
  project(value: string): Half {
    let user = this.#view.user(value)
    while (user.opType === 'Reshape') user = this.#view.user(user.outputs[0]!)
    return this.#half(user)
  }

  #halves(users: readonly OnnxNode[]): [Half, Half] {
    if (users.length === 2) return [this.#half(users[0]!), this.#half(users[1]!)]
    const [fused] = users
    if (users.length !== 1 || !fused) throw new Unsupported(`${users.length} nodes take what a feed-forward part gets`)
    const whole = this.#half(fused)
    const split = this.#view.user(whole.value)
    if (split.opType !== 'Split' || split.outputs.length !== 2) throw new Unsupported(`it does not know ${describe(split)}`)
    const count = whole.matrix.rows / 2
    const part = (start: number): MatrixPlan => this.#half(fused, { start, count }).matrix
    return [
      { value: split.outputs[0]!, matrix: part(0) },
      { value: split.outputs[1]!, matrix: part(count) },
    ]
  }

  #half(node: OnnxNode, range?: RowRange): Half {
    const product = node.outputs[0]!
    const users = this.#view.users(product)
    const [user] = users
    if (users.length === 1 && user?.opType === 'Add') {
      const bias = this.#view.tensor(this.#view.other(user, product))
      if (bias) return { value: user.outputs[0]!, matrix: this.#matrices.product(node, range, bias) }
    }
    return { value: product, matrix: this.#matrices.product(node, range) }
  }

  /** What the gate is turned into. `up` tells its product apart from SiLU's own. */
  #activation(gate: string, up: string): { value: string; kind: ModelPlan['gate'] } | undefined {
    for (const node of this.#view.users(gate)) {
      const value = node.outputs[0]!
      if (node.opType === 'Sigmoid') {
        const silu = this.#view.user(value)
        if (silu.opType === 'Mul' && this.#view.takes(silu, gate) && !this.#view.takes(silu, up)) {
          return { value: silu.outputs[0]!, kind: 'silu' }
        }
      }
      if (node.opType === 'Swish' && numberOf(node, 'alpha', 1) === 1) return { value, kind: 'silu' }
      if (node.opType === 'QuickGelu' && numberOf(node, 'alpha', 1.702) === 1) return { value, kind: 'silu' }
      if (node.opType === 'Gelu' && node.attributes.get('approximate') === 'tanh') return { value, kind: 'gelu-tanh' }
      if (node.opType === 'FastGelu' && !node.inputs[1]) return { value, kind: 'gelu-tanh' }
    }
    return undefined
  }
}
