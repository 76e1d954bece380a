import { GraphDraft, newNode, numberOf } from '../../src/inference/graph/GraphDraft.js'
import { quantizedProduct, rowsOf } from '../../src/inference/graph/QuantizedProduct.js'
import { writeModel } from '../../src/inference/graph/writeModel.js'
import type { ModelFiles } from '../../src/models/index.js'

/** The graph of a decoder with packed projections as other exporters write it: query, key and value apart. */
export function splitProjections(graph: ModelFiles['graph']): ModelFiles['graph'] {
  const draft = new GraphDraft(graph)
  for (const attention of draft.nodes.filter(({ opType }) => opType === 'GroupQueryAttention')) {
    const packed = draft.maker(attention.inputs[0]!)!
    const scales = draft.maker(packed.inputs[2]!)
    if (scales?.opType === 'Cast') packed.inputs[2] = scales.inputs[0]!
    const product = quantizedProduct(draft, packed)!
    const [heads, kvHeads] = [numberOf(attention, 'num_heads', 0), numberOf(attention, 'kv_num_heads', 0)]
    const head = product.rows / (heads + 2 * kvHeads)
    let start = 0
    const nodes = [heads, kvHeads, kvHeads].map((count, i) => {
      const rows = count * head
      const name = `${packed.outputs[0]}.${'qkv'[i]}`
      const parts = [product.weights, product.scales].map((tensor, j) => rowsOf(tensor, product.rows, start, rows, `${name}.${j}`))
      for (const part of parts) draft.tensors.set(part.name, part)
      start += rows
      const inputs = [packed.inputs[0]!, parts[0]!.name, scales?.opType === 'Cast' ? `${name}.wide` : parts[1]!.name]
      const node = newNode('MatMulNBits', 'com.microsoft', inputs, [name], {
        K: { int: product.columns },
        N: { int: rows },
        bits: { int: product.bits },
        block_size: { int: product.block },
      })
      const widen = newNode('Cast', '', [parts[1]!.name], [`${name}.wide`], { to: { int: 1 } })
      return scales?.opType === 'Cast' ? [widen, node] : [node]
    })
    draft.nodes.splice(draft.nodes.indexOf(packed), 1, ...nodes.flat())
    attention.inputs.splice(0, 3, ...nodes.map((each) => each.at(-1)!.outputs[0]!))
  }
  draft.dropUnused()
  const { bytes, externalData } = writeModel(draft, graph.externalData)
  return { path: graph.path, bytes, externalData }
}
