import { onnxType } from '../../models/index.js'
import { gpuInputs } from './gpuInputs.js'
import { newNode, numberOf, type DraftNode, type GraphDraft } from './GraphDraft.js'
import { newValue } from './writeModel.js'

/** Operators that the WebGPU provider runs as compute dispatches and nothing else. */
const dispatching = new Set([
  'GatherBlockQuantized',
  'Gather',
  'MatMulNBits',
  'MatMulNBitsMlp',
  'GroupQueryAttention',
  'SimplifiedLayerNormalization',
  'SkipSimplifiedLayerNormalization',
  'Split',
  'Sigmoid',
  'FastGelu',
  'Mul',
  'Add',
])

/**
 * Rewrites a decoder so that a run is nothing but compute dispatches over buffers that stay: what
 * changes from token to token is read from GPU memory, so that the dispatches can be recorded once
 * and replayed (ONNX Runtime's graph capture). Lengths become inputs instead of being counted from
 * the mask on the CPU; copies (`Identity`, `Reshape` of weights), which a recording leaves out, go.
 * @returns false where the graph needs something else; then it is left as it was, or useless: work on a copy.
 */
export function resideOnGPU(draft: GraphDraft): boolean {
  if (!takeLengths(draft)) return false
  if (!chooseLogits(draft)) return false
  dropCopies(draft)
  draft.dropUnused()
  const replaced = new Set(['attention_mask', 'num_logits_to_keep', 'logits_to_keep'])
  if (draft.inputs.some(({ name }) => replaced.has(name) && draft.users(name).length > 0)) return false
  draft.inputs = draft.inputs.filter(({ name }) => !replaced.has(name))
  draft.inputs.push(newValue(gpuInputs.last, onnxType.int32, [1]), newValue(gpuInputs.total, onnxType.int32, [1]))
  draft.inputs.push(newValue(gpuInputs.wanted, onnxType.int64, ['num_logits']))
  return draft.nodes.every(({ opType }) => dispatching.has(opType)) && draft.inputs.every(({ name }) => isFixed(name))
}

function isFixed(name: string): boolean {
  return name === 'input_ids' || name.startsWith('past_key_values.') || Object.values<string>(gpuInputs).includes(name)
}

function takeLengths(draft: GraphDraft): boolean {
  const attentions = draft.nodes.filter(({ opType }) => opType === 'GroupQueryAttention')
  const [first] = attentions
  // Recording goes with the kernel that reads lengths from the GPU; windows take another one.
  const fits = (node: DraftNode) =>
    numberOf(node, 'do_rotary', 0) === 1 &&
    numberOf(node, 'local_window_size', -1) === -1 &&
    numberOf(node, 'smooth_softmax', 0) === 0 &&
    node.inputs[1] === '' &&
    node.inputs.slice(9).every((input) => input === '') &&
    node.inputs[5] === first!.inputs[5] &&
    node.inputs[6] === first!.inputs[6]
  if (!first || !attentions.every(fits)) return false
  for (const { inputs } of attentions) {
    inputs[5] = gpuInputs.last
    inputs[6] = gpuInputs.total
  }
  return true
}

/** Logits of the wanted positions only, wherever the graph cut them off before. */
function chooseLogits(draft: GraphDraft): boolean {
  let head = draft.maker('logits')
  while (head && (head.opType === 'Identity' || head.opType === 'Cast' || head.opType === 'Mul')) head = draft.maker(head.inputs[0]!)
  if (head?.opType !== 'MatMulNBits') return false
  const cut = draft.maker(head.inputs[0]!)
  const hidden = cut?.opType === 'Slice' && isLastSlice(draft, cut) ? cut.inputs[0]! : head.inputs[0]!
  const wanted = `${hidden}.wanted`
  const gather = newNode('Gather', '', [hidden, gpuInputs.wanted], [wanted], { axis: { int: 1 } })
  draft.nodes.splice(draft.nodes.indexOf(head), 0, gather)
  head.inputs[0] = wanted
  return true
}

function isLastSlice(draft: GraphDraft, slice: DraftNode): boolean {
  const [, start, end, axes, steps] = slice.inputs
  const reaches = (draft.constant(end)?.[0] ?? 0) > 2 ** 31 - 2
  return draft.maker(start!) !== undefined && reaches && draft.constant(axes)?.[0] === 1 && (!steps || draft.constant(steps)?.[0] === 1)
}

function dropCopies(draft: GraphDraft): void {
  for (const node of [...draft.nodes]) {
    const [input] = node.inputs
    const [output] = node.outputs
    if (node.opType === 'Identity' && output === 'logits') {
      const maker = draft.maker(input!)
      if (!maker || draft.users(input!).length !== 1) continue
      maker.outputs[maker.outputs.indexOf(input!)] = output
      draft.nodes = draft.nodes.filter((each) => each !== node)
    } else if (node.opType === 'Identity') draft.bypass(node, input!)
    else if (node.opType === 'Reshape') flattenTable(draft, node)
  }
}

/**
 * A table that is stored in the blocks of a product and looked up as rows. The WebGPU kernel of the
 * product takes it as rows as well; the kernel on CPUs does not.
 */
function flattenTable(draft: GraphDraft, reshape: DraftNode): void {
  const tensor = draft.tensors.get(reshape.inputs[0]!)
  const shape = draft.constant(reshape.inputs[1])
  const fits = shape?.length === 2 && tensor?.dims.length === 3 && shape[0] === tensor.dims[0] && shape[1] === tensor.dims[1]! * tensor.dims[2]!
  if (!tensor || !fits || !tensor.data) return
  draft.tensors.set(tensor.name, { ...tensor, dims: [...shape], original: undefined })
  draft.bypass(reshape, tensor.name)
}
