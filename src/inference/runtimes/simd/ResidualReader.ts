import type { OnnxNode } from '../../../models/index.js'
import type { VectorPlace } from '../../../simd/index.js'
import { describe, numberOf, type GraphView } from './GraphView.js'
import type { MatrixReader } from './MatrixReader.js'
import { Unsupported } from './Unsupported.js'

/** A norm on the residual stream, with what was added before it. */
export interface NormParts {
  weight: VectorPlace
  epsilon: number
  /** Its result. */
  normed: string
  /** The residual stream behind it. */
  stream: string
  /** On the branch, before it was added. */
  branchNorm: VectorPlace | undefined
  branchScale: number
}

const norms = new Set(['SimplifiedLayerNormalization', 'RMSNormalization'])

/** Follows the residual stream from norm to norm. */
export class ResidualReader {
  readonly #view: GraphView
  readonly #matrices: MatrixReader

  constructor(view: GraphView, matrices: MatrixReader) {
    this.#view = view
    this.#matrices = matrices
  }

  /** The first norm, on the stream as it is. */
  first(stream: string): NormParts {
    const node = this.#view.users(stream).find(({ opType }) => norms.has(opType))
    if (!node) throw new Unsupported('it finds no norm behind the embedding')
    return { ...this.#norm(node, node.inputs[1]), stream, branchNorm: undefined, branchScale: 1 }
  }

  /** The norm after `branch` is added to `stream`. */
  join(stream: string, branch: string): NormParts {
    let added = branch
    let branchNorm: VectorPlace | undefined
    let branchScale = 1
    for (;;) {
      const node = this.#view.user(added)
      const value = node.outputs[0]!
      if (norms.has(node.opType) && !branchNorm && branchScale === 1) branchNorm = this.#norm(node, node.inputs[1]).weight
      else if (node.opType === 'Mul' && branchScale === 1) branchScale = this.#factor(node, added)
      else return { ...this.#sum(node, stream, added), branchNorm, branchScale }
      added = value
    }
  }

  #sum(node: OnnxNode, stream: string, added: string): Pick<NormParts, 'weight' | 'epsilon' | 'normed' | 'stream'> {
    if (!this.#view.takes(node, stream)) throw new Unsupported(`${describe(node)} does not add to the residual stream`)
    if (node.opType === 'SkipSimplifiedLayerNormalization') {
      if (!this.#view.takes(node, added) || node.inputs[3]) throw new Unsupported(`${describe(node)} adds something else, too`)
      return { ...this.#norm(node, node.inputs[2]), stream: node.outputs[3] ?? '' }
    }
    if (node.opType !== 'Add') throw new Unsupported(`it does not know ${describe(node)} on the residual stream`)
    const sum = node.outputs[0]!
    const norm = this.#view.users(sum).find(({ opType }) => norms.has(opType))
    if (!norm) throw new Unsupported(`no norm follows ${describe(node)}`)
    return { ...this.#norm(norm, norm.inputs[1]), stream: sum }
  }

  #norm(node: OnnxNode, name: string | undefined): Pick<NormParts, 'weight' | 'epsilon' | 'normed'> {
    const weight = this.#view.tensor(name)
    if (!weight) throw new Unsupported(`the weight of ${describe(node)} is computed`)
    const axis = numberOf(node, 'axis', -1)
    if (axis !== -1 && axis !== 2) throw new Unsupported(`${describe(node)} runs over axis ${axis}`)
    return { weight: this.#matrices.vector(weight), epsilon: numberOf(node, 'epsilon', 1e-5), normed: node.outputs[0]! }
  }

  #factor(node: OnnxNode, value: string): number {
    const factor = this.#view.scalar(this.#view.other(node, value))
    if (factor === undefined) throw new Unsupported(`${describe(node)} multiplies with no constant`)
    return factor
  }
}
