import { commonLength } from './commonLength.js'

/** What a {@link RadixTree} knows of a text. */
export interface RadixMatch<V> {
  /** Leading tokens that the text has in common with some text of the tree. */
  length: number
  /** Values of texts that the text begins with, the shortest first. */
  path: V[]
  /** Values of texts that begin with the common part, the shortest first. Not empty, unless the tree is. */
  below: V[]
}

/** A run of tokens, and what follows it. */
class RadixNode<V> {
  edge: readonly number[]
  value: V | undefined
  readonly children = new Map<number, RadixNode<V>>()

  constructor(edge: readonly number[]) {
    this.edge = edge
  }
}

/** Values by texts of tokens, where beginnings that texts share are stored once. */
export class RadixTree<V extends object> {
  readonly #root = new RadixNode<V>([])

  /** Every value, those of shorter texts before those of longer ones that begin with them. */
  values(): V[] {
    return valuesOf(this.#root)
  }

  /** The value of exactly this text. */
  get(tokens: readonly number[]): V | undefined {
    const trail = this.#trail(tokens)
    return trail?.at(-1)?.value
  }

  /** Sets the value of a text. */
  set(tokens: readonly number[], value: V): void {
    let node = this.#root
    let at = 0
    while (at < tokens.length) {
      const child = node.children.get(tokens[at]!)
      if (!child) {
        const leaf = new RadixNode<V>(tokens.slice(at))
        node.children.set(tokens[at]!, leaf)
        node = leaf
        break
      }
      const shared = commonLength(child.edge, tokens, at)
      node = shared < child.edge.length ? split(node, child, shared) : child
      at += shared
    }
    node.value = value
  }

  /** Removes the value of a text. Fine when there is none. */
  delete(tokens: readonly number[]): void {
    const trail = this.#trail(tokens)
    const last = trail?.at(-1)
    if (!trail || last?.value === undefined) return
    last.value = undefined
    for (let i = trail.length - 1; i > 0 && trail[i]!.value === undefined; i--) {
      const node = trail[i]!
      const parent = trail[i - 1]!
      if (node.children.size === 0) parent.children.delete(node.edge[0]!)
      else if (node.children.size === 1) {
        const [child] = node.children.values()
        child!.edge = [...node.edge, ...child!.edge]
        parent.children.set(child!.edge[0]!, child!)
      }
    }
  }

  /** What the tree has of `tokens`, of which it looks at the first `limit`. */
  match(tokens: readonly number[], limit = tokens.length): RadixMatch<V> {
    const path: V[] = []
    let node = this.#root
    let length = 0
    for (;;) {
      const child = length < limit ? node.children.get(tokens[length]!) : undefined
      if (!child) return { length, path, below: valuesOf(node) }
      const shared = commonLength(child.edge, tokens, length, limit)
      length += shared
      if (shared < child.edge.length) return { length, path, below: valuesOf(child) }
      node = child
      if (node.value !== undefined) path.push(node.value)
    }
  }

  /** The nodes from the root to the one of exactly this text. */
  #trail(tokens: readonly number[]): RadixNode<V>[] | undefined {
    const trail = [this.#root]
    let at = 0
    while (at < tokens.length) {
      const child = trail.at(-1)!.children.get(tokens[at]!)
      if (!child || commonLength(child.edge, tokens, at) < child.edge.length) return undefined
      at += child.edge.length
      trail.push(child)
    }
    return trail
  }
}

/** Puts a node between `parent` and `child`, after so many tokens of the child's edge. */
function split<V>(parent: RadixNode<V>, child: RadixNode<V>, at: number): RadixNode<V> {
  const middle = new RadixNode<V>(child.edge.slice(0, at))
  child.edge = child.edge.slice(at)
  middle.children.set(child.edge[0]!, child)
  parent.children.set(middle.edge[0]!, middle)
  return middle
}

/** Values of a node and of what follows, level by level. */
function valuesOf<V>(node: RadixNode<V>): V[] {
  const values: V[] = []
  const waiting = [node]
  for (const next of waiting) {
    if (next.value !== undefined) values.push(next.value)
    waiting.push(...next.children.values())
  }
  return values
}
