import type { OnnxGraph } from '../../models/index.js'

/** One result of one operator. */
export interface GraphValue {
  tensor: string
  operator: string
  opType: string
  layer: number | null
  /** The sum that a norm fused with an addition gives beside its result: the residual stream. */
  isStream: boolean
}

const layerPattern = /(?:^|[./_])(?:layers?|h|blocks?)[./_](\d+)(?:[./_]|$)/
const sumOutput = 3

/** The values that depend on what is fed, in the order of the graph; the types of some are no floats. */
export function graphValues({ nodes, tensors, inputs }: OnnxGraph): GraphValue[] {
  const fed = new Set(inputs.filter((name) => !tensors.has(name)))
  const values: GraphValue[] = []
  for (const { name, opType, inputs: taken, outputs } of nodes) {
    if (!taken.some((input) => fed.has(input))) continue
    // A sum comes before what is made of it.
    for (const [index, tensor] of [...outputs.entries()].reverse()) {
      if (tensor === '') continue
      fed.add(tensor)
      const operator = name === '' ? tensor : name
      values.push({ tensor, operator, opType, layer: layerOf(operator), isStream: opType === 'SkipSimplifiedLayerNormalization' && index === sumOutput })
    }
  }
  return values
}

/** The index in a name such as `layers.3.qkv` or `/model/layers.3/mlp/Mul`. */
export function layerOf(name: string): number | null {
  const found = layerPattern.exec(name)
  return found ? Number(found[1]) : null
}
