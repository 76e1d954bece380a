import type { OnnxGraph, OnnxNode, OnnxTensor } from '../../../models/index.js'
import { Unsupported } from './Unsupported.js'

/** Nodes that change the type or the name of a value only. */
const passing = new Set(['Cast', 'Identity'])
/** Nodes that read a value's shape, not its elements. */
const asking = new Set(['Shape'])

/** Lookups in a graph: who makes a value, who uses it. Casts count as nothing. */
export class GraphView {
  readonly graph: OnnxGraph
  readonly #makers = new Map<string, OnnxNode>()
  readonly #users = new Map<string, OnnxNode[]>()
  /** Of what passing nodes make, the name it had before. */
  readonly #roots = new Map<string, string>()

  /** @throws Unsupported where a node stands before what it needs, as in graphs with cycles: walks would not end. */
  constructor(graph: OnnxGraph) {
    this.graph = graph
    const makers = new Map(graph.nodes.flatMap((node, i) => node.outputs.map((output) => [output, i] as const)))
    for (const [i, node] of graph.nodes.entries()) {
      const late = node.inputs.find((input) => input !== '' && (makers.get(input) ?? -1) >= i)
      if (late !== undefined) throw new Unsupported(`${describe(node)} takes ${late}, which is made behind it`)
      const [first] = node.inputs
      for (const output of node.outputs) {
        if (output === '') continue
        this.#makers.set(output, node)
        if (passing.has(node.opType) && first !== undefined) this.#roots.set(output, this.root(first))
      }
      if (passing.has(node.opType) || asking.has(node.opType)) continue
      for (const root of new Set(node.inputs.filter((input) => input !== '').map((input) => this.root(input)))) {
        const users = this.#users.get(root)
        if (users) users.push(node)
        else this.#users.set(root, [node])
      }
    }
  }

  /** The name that a value had before casts. */
  root(value: string): string {
    return this.#roots.get(value) ?? value
  }

  /** The node that makes a value; undefined for inputs and initializers. */
  maker(value: string): OnnxNode | undefined {
    return this.#makers.get(this.root(value))
  }

  /** The nodes that compute with a value. */
  users(value: string): readonly OnnxNode[] {
    return this.#users.get(this.root(value)) ?? []
  }

  /** The one node that computes with a value. */
  user(value: string): OnnxNode {
    const [user, second] = this.users(value)
    if (!user || second) throw new Unsupported(`${value} has ${user ? 'more than one use' : 'no use'}`)
    return user
  }

  /** Whether a node has a value among its inputs. */
  takes(node: OnnxNode, value: string): boolean {
    const root = this.root(value)
    return node.inputs.some((input) => input !== '' && this.root(input) === root)
  }

  /** The input of a node with two that is not `value`. */
  other(node: OnnxNode, value: string): string {
    const root = this.root(value)
    const others = node.inputs.filter((input) => this.root(input) !== root)
    if (node.inputs.length !== 2 || others.length !== 1) throw new Unsupported(`${describe(node)} does not take two values`)
    return others[0]!
  }

  /** The tensor behind a value, through casts and changes of shape; undefined where it is computed. */
  tensor(value: string | undefined): OnnxTensor | undefined {
    let name = value
    for (let steps = 0; name !== undefined && name !== '' && steps < 8; steps++) {
      const root = this.root(name)
      const tensor = this.graph.tensors.get(root)
      if (tensor) return tensor
      const maker = this.#makers.get(root)
      if (maker?.opType !== 'Reshape') return undefined
      name = maker.inputs[0]
    }
    return undefined
  }

  /** The number behind a value that is a constant of one element. */
  scalar(value: string): number | undefined {
    const tensor = this.tensor(value)
    return tensor?.values?.length === 1 ? tensor.values[0] : undefined
  }
}

/** A node for people: what it is and what it is called. */
export function describe(node: OnnxNode): string {
  return node.name === '' ? node.opType : `${node.opType} (${node.name})`
}

/** A number among a node's attributes. */
export function numberOf(node: OnnxNode, name: string, fallback: number): number {
  const value = node.attributes.get(name)
  return typeof value === 'number' ? value : fallback
}
