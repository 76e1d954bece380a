import { readOnnxGraph, type JSONObject, type ModelFiles, type OnnxNode, type TensorTable } from '../../../models/index.js'
import type { LayerPlan, ModelPlan, VectorPlace } from '../../../simd/index.js'
import { architectureOf, checkArchitecture, number } from './architectures.js'
import { AttentionReader, type AttentionParts } from './AttentionReader.js'
import { FeedForwardReader } from './FeedForwardReader.js'
import { checkWeights } from './checkWeights.js'
import { describe, GraphView } from './GraphView.js'
import { MatrixReader } from './MatrixReader.js'
import { planRotary } from './planRotary.js'
import { ResidualReader, type NormParts } from './ResidualReader.js'
import { Unsupported } from './Unsupported.js'
import { WeightFiles } from './WeightFiles.js'

/** The plan for a model, or why the SIMD core cannot run it: the end of the sentence "… because". */
export type Planned = { plan: ModelPlan; reason?: undefined } | { plan?: undefined; reason: string }

/**
 * Reads from a model's graph what the SIMD core is to compute. The graph's nodes decide; what the
 * architecture's family is known for, and the rotary embedding of `config.json`, are compared with them.
 * Files are numbered: the graph 0, then its external data in order.
 * @param table where the graph's weights lie, as the manifest tells.
 * @throws LLMError `model-corrupt`, `external-data-missing`
 */
export function planModel(config: JSONObject, graph: ModelFiles['graph'], table?: TensorTable): Planned {
  const text = (config.text_config ?? config) as JSONObject
  try {
    architectureOf(text)
    const plan = new ModelReader(text, graph, table).read()
    checkArchitecture(plan, text)
    return { plan }
  } catch (error) {
    if (error instanceof Unsupported) return { reason: error.message }
    throw error
  }
}

/** What the walk through the layers gathers. */
interface Walk {
  layers: LayerPlan[]
  /** The last layer's attention; the others have the same shape. */
  attention: AttentionParts
  gate: ModelPlan['gate']
  finalNorm: NormParts
  /** Different values of what must be the same everywhere. */
  epsilons: ReadonlySet<number>
  branchScales: ReadonlySet<number>
  /** Positions that the shortest rotary table has. */
  positions: number
}

class ModelReader {
  readonly #config: JSONObject
  readonly #view: GraphView
  readonly #files: WeightFiles
  readonly #matrices: MatrixReader
  readonly #residual: ResidualReader
  readonly #attention: AttentionReader
  readonly #feedForward: FeedForwardReader

  constructor(config: JSONObject, graph: ModelFiles['graph'], table?: TensorTable) {
    this.#config = config
    this.#view = new GraphView(readOnnxGraph(graph.path, graph.bytes, table))
    this.#files = new WeightFiles(graph)
    this.#matrices = new MatrixReader(this.#view, this.#files)
    this.#residual = new ResidualReader(this.#view, this.#matrices)
    this.#attention = new AttentionReader(this.#view, this.#matrices)
    this.#feedForward = new FeedForwardReader(this.#view, this.#matrices)
  }

  read(): ModelPlan {
    checkWeights(this.#view)
    const lookUp = this.#view.user('input_ids')
    const cut = this.#cut(lookUp.outputs[0]!)
    const embedding = this.#matrices.table(lookUp, cut.width)
    const embedded = this.#scaled(cut.value)
    const walk = this.#walk(this.#attentionNodes(), embedded.value)
    const tail = this.#head(walk.finalNorm.normed)
    if (walk.epsilons.size !== 1 || walk.branchScales.size !== 1) {
      throw new Unsupported('its norms or residual scales differ from layer to layer')
    }
    const plan: ModelPlan = {
      hidden: embedding.columns,
      intermediate: walk.layers[0]!.gate.rows,
      heads: walk.attention.heads,
      keyValueHeads: walk.attention.keyValueHeads,
      headDim: walk.attention.headDim,
      vocab: tail.head.rows,
      gate: walk.gate,
      embedding,
      head: tail.head,
      finalNorm: walk.finalNorm.weight,
      layers: walk.layers,
      epsilon: walk.finalNorm.epsilon,
      normOffset: 0,
      embeddingScale: embedded.scale,
      attentionScale: walk.attention.scale,
      residualScale: walk.finalNorm.branchScale,
      logitScale: tail.scale,
      logitCap: tail.cap,
      attentionCap: walk.attention.cap,
      context: Math.min(walk.positions, number(this.#config, 'max_position_embeddings', walk.positions)),
    }
    checkShapes(plan)
    return plan
  }

  #attentionNodes(): OnnxNode[] {
    const byLayer = new Map<number, OnnxNode>()
    for (const node of this.#view.graph.nodes) {
      if (node.opType !== 'GroupQueryAttention') continue
      const layer = /^past_key_values\.(\d+)\.key$/.exec(this.#view.root(node.inputs[3] ?? ''))?.[1]
      if (layer === undefined) throw new Unsupported(`${describe(node)} has no cache of keys`)
      byLayer.set(Number(layer), node)
    }
    if (byLayer.size === 0) {
      const other = this.#view.graph.nodes.find(({ opType }) => opType.includes('Attention') || opType === 'Softmax')
      throw new Unsupported(`it has no GroupQueryAttention nodes${other ? `, but ${describe(other)}` : ''}`)
    }
    return Array.from({ length: byLayer.size }, (_, layer) => {
      const node = byLayer.get(layer)
      if (!node) throw new Unsupported(`layer ${layer} is missing`)
      return node
    })
  }

  #walk(nodes: readonly OnnxNode[], embedded: string): Walk {
    const layers: LayerPlan[] = []
    const shapes = new Set<string>()
    const epsilons = new Set<number>()
    const branchScales = new Set<number>()
    let last: Pick<Walk, 'attention' | 'gate'> | undefined
    let positions = Number.POSITIVE_INFINITY
    let norm = this.#residual.first(embedded)
    epsilons.add(norm.epsilon)
    for (const node of nodes) {
      const attention = this.#attention.read(node)
      if (this.#view.root(norm.normed) !== attention.input) throw new Unsupported(`${describe(node)} does not follow the norm before it`)
      const { rotary, positions: ownPositions } = planRotary(this.#view, this.#files, this.#config, attention.rotary, attention.window > 0)
      const output = this.#feedForward.project(attention.output)
      const middle = this.#residual.join(norm.stream, output.value)
      const fed = this.#feedForward.read(middle.normed)
      const next = this.#residual.join(middle.stream, fed.output)
      layers.push({
        inputNorm: norm.weight,
        query: attention.query,
        key: attention.key,
        value: attention.value,
        output: output.matrix,
        ...optional('queryNorm', attention.queryNorm),
        ...optional('keyNorm', attention.keyNorm),
        ...optional('postAttentionNorm', middle.branchNorm),
        mlpNorm: middle.weight,
        gate: fed.gate,
        up: fed.up,
        down: fed.down,
        ...optional('postMlpNorm', next.branchNorm),
        window: attention.window,
        rotary,
      })
      const { heads, keyValueHeads, headDim, scale, cap, epsilon = next.epsilon } = attention
      shapes.add([heads, keyValueHeads, headDim, scale, cap, fed.kind].join())
      for (const each of [epsilon, middle.epsilon, next.epsilon]) epsilons.add(each)
      branchScales.add(middle.branchScale).add(next.branchScale)
      positions = Math.min(positions, ownPositions)
      last = { attention, gate: fed.kind }
      norm = next
    }
    if (!last || shapes.size !== 1) throw new Unsupported('its layers differ in shape')
    return { ...last, layers, finalNorm: norm, epsilons, branchScales, positions }
  }

  /** A value, or what a Slice node leaves of its last axis. */
  #cut(value: string): { value: string; width?: number } {
    const users = this.#view.users(value)
    const [user] = users
    if (users.length !== 1 || user?.opType !== 'Slice') return { value }
    const [start, end, axis] = [1, 2, 3].map((input) => this.#view.scalar(user.inputs[input] ?? ''))
    if (start !== 0 || end === undefined || (axis !== -1 && axis !== 2)) throw new Unsupported(`it does not know ${describe(user)}`)
    return { value: user.outputs[0]!, width: end }
  }

  /** A value, or its product with a constant. */
  #scaled(value: string): { value: string; scale: number } {
    const users = this.#view.users(value)
    const [user] = users
    if (users.length !== 1 || user?.opType !== 'Mul') return { value, scale: 1 }
    const scale = this.#view.scalar(this.#view.other(user, value))
    if (scale === undefined) throw new Unsupported(`${describe(user)} multiplies the embedding with no constant`)
    return { value: user.outputs[0]!, scale }
  }

  /** From the last norm to the logits. */
  #head(normed: string): { head: ModelPlan['head']; scale: number; cap: number } {
    const choosing = new Set(['Slice', 'Gather', 'GatherND', 'GatherElements', 'Reshape', 'Unsqueeze', 'Squeeze'])
    let node = this.#view.user(normed)
    while (choosing.has(node.opType)) node = this.#view.user(node.outputs[0]!)
    const head = this.#matrices.product(node)
    const scaled = this.#scaled(node.outputs[0]!)
    const users = this.#view.users(scaled.value)
    if (users.length === 0) {
      if (this.#view.graph.outputs.some((output) => this.#view.root(output) === this.#view.root(scaled.value))) return { head, scale: scaled.scale, cap: 0 }
      throw new Unsupported('what the last matrix gives are not the logits')
    }
    const [divided, capped, multiplied] = this.#chain(scaled.value, ['Div', 'Tanh', 'Mul'])
    const cap = this.#view.scalar(this.#view.other(divided!, scaled.value))
    if (cap === undefined || cap !== this.#view.scalar(this.#view.other(multiplied!, capped!.outputs[0]!))) {
      throw new Unsupported('the cap of its logits is no constant')
    }
    return { head, scale: scaled.scale, cap }
  }

  #chain(value: string, opTypes: readonly string[]): OnnxNode[] {
    let name = value
    return opTypes.map((opType) => {
      const node = this.#view.user(name)
      if (node.opType !== opType) throw new Unsupported(`it does not know ${describe(node)} before the logits`)
      name = node.outputs[0]!
      return node
    })
  }
}

function optional<K extends string>(name: K, value: VectorPlace | undefined): Partial<Record<K, VectorPlace>> {
  return value ? ({ [name]: value } as Partial<Record<K, VectorPlace>>) : {}
}

function checkShapes(plan: ModelPlan): void {
  const { hidden, intermediate, heads, keyValueHeads, headDim, vocab } = plan
  const sizes = [hidden, intermediate, heads, keyValueHeads, headDim, vocab, heads / keyValueHeads]
  if (!sizes.every((size) => Number.isSafeInteger(size) && size > 0)) throw new Unsupported(`its sizes are ${sizes.join(', ')}`)
  const wrong = plan.layers.some(
    (layer) =>
      [layer.query, layer.key, layer.value, layer.gate, layer.up].some(({ columns }) => columns !== hidden) ||
      layer.query.rows !== heads * headDim ||
      layer.key.rows !== keyValueHeads * headDim ||
      layer.output.columns !== heads * headDim ||
      layer.output.rows !== hidden ||
      layer.gate.rows !== intermediate ||
      layer.up.rows !== intermediate ||
      layer.down.columns !== intermediate ||
      layer.down.rows !== hidden ||
      [layer.inputNorm, layer.mlpNorm, layer.postAttentionNorm, layer.postMlpNorm].some((norm) => norm && norm.length !== hidden),
  )
  if (wrong || plan.head.columns !== hidden || plan.finalNorm.length !== hidden) throw new Unsupported('its matrices do not fit each other')
}
