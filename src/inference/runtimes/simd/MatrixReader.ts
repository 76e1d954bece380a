import { onnxType, type OnnxNode, type OnnxTensor } from '../../../models/index.js'
import type { MatrixPlan, VectorPlace } from '../../../simd/index.js'
import { notInBlocks, typeName, weightFormat } from './checkWeights.js'
import { describe, numberOf, type GraphView } from './GraphView.js'
import type { WeightFiles } from './WeightFiles.js'
import { Unsupported } from './Unsupported.js'

/** Some rows of a matrix: projections of one input are often stored as one. */
export interface RowRange {
  start: number
  count: number
}

const blockSizes = new Set([16, 32, 64, 128, 256])

/** Reads matrices and vectors of a graph. */
export class MatrixReader {
  readonly #view: GraphView
  readonly #files: WeightFiles

  constructor(view: GraphView, files: WeightFiles) {
    this.#view = view
    this.#files = files
  }

  /** The matrix of a MatMulNBits node, or some of its rows. `addition` is the bias of an Add node behind it. */
  product(node: OnnxNode, range?: RowRange, addition?: OnnxTensor): MatrixPlan {
    if (node.opType !== 'MatMulNBits') {
      const format = weightFormat(this.#view, node)
      throw notInBlocks(format === undefined ? `there is ${describe(node)}` : `some of its weights are ${format}`)
    }
    const rows = numberOf(node, 'N', 0)
    const columns = numberOf(node, 'K', 0)
    const [, weights, scales, zeroPoints, groupIndex, bias] = node.inputs
    if (groupIndex) throw new Unsupported(`${describe(node)} has permuted columns`)
    if (bias && addition) throw new Unsupported(`${describe(node)} has two biases`)
    const matrix = this.#blocks(node, { weights, scales, zeroPoints }, rows, columns, numberOf(node, 'bits', 4))
    const offset = bias ? this.#view.tensor(bias) : addition
    if (bias && !offset) throw new Unsupported(`${describe(node)} has a computed bias`)
    return slice(matrix, range ?? { start: 0, count: rows }, offset && this.vector(offset))
  }

  /**
   * The table of a Gather or GatherBlockQuantized node.
   * @param width columns that are used, where a Slice node behind it cuts off what fills up the last block.
   */
  table(node: OnnxNode, width?: number): MatrixPlan {
    const [data, , scales, zeroPoints] = node.inputs
    if (node.opType === 'Gather' && width === undefined) return this.#floats(node, data)
    if (node.opType !== 'GatherBlockQuantized') throw new Unsupported(`the embedding is ${describe(node)}`)
    const bits = numberOf(node, 'bits', 4)
    const scale = this.#view.tensor(scales)
    const [rows, blocks] = scale?.dims ?? []
    const tensor = this.#view.tensor(data)
    const block = numberOf(node, 'block_size', 128)
    if (numberOf(node, 'gather_axis', 0) !== 0 || numberOf(node, 'quantize_axis', 1) !== 1 || !tensor || rows === undefined || blocks === undefined) {
      throw new Unsupported(`${describe(node)} has an unusual layout`)
    }
    const stored = (elements(tensor) * 8) / bits / rows
    const columns = width ?? stored
    if (stored !== blocks * block || Math.ceil(columns / block) !== blocks) throw new Unsupported(`the rows of ${describe(node)} are not whole blocks`)
    return this.#blocks(node, { weights: data, scales, zeroPoints }, rows, columns, bits)
  }

  /** A vector of floats. */
  vector(tensor: OnnxTensor): VectorPlace {
    if (tensor.type !== onnxType.float && tensor.type !== onnxType.float16) throw new Unsupported(`${tensor.name} is ${typeName(tensor.type)}, not fp32 or fp16`)
    const bits = tensor.type === onnxType.float ? 32 : 16
    return { ...this.#files.place(tensor), length: elements(tensor), bits }
  }

  #floats(node: OnnxNode, data: string | undefined): MatrixPlan {
    const tensor = this.#view.tensor(data)
    const [rows, columns] = tensor?.dims ?? []
    if (!tensor || rows === undefined || columns === undefined) throw new Unsupported(`the table of ${describe(node)} is computed`)
    const { bits, file, offset } = this.vector(tensor)
    return { rows, columns, bits, block: 0, weights: { file, offset }, scaleBits: 32 }
  }

  #blocks(
    node: OnnxNode,
    names: { weights: string | undefined; scales: string | undefined; zeroPoints: string | undefined },
    rows: number,
    columns: number,
    bits: number,
  ): MatrixPlan {
    const block = numberOf(node, 'block_size', 128)
    if (bits !== 4 && bits !== 8) throw new Unsupported(`${describe(node)} has ${bits}-bit weights, not 4 or 8`)
    if (!blockSizes.has(block)) throw new Unsupported(`${describe(node)} has blocks of ${block}, which is none of ${[...blockSizes].join(', ')}`)
    const weights = this.#view.tensor(names.weights)
    const scales = this.#view.tensor(names.scales)
    const zeroPoints = names.zeroPoints ? this.#view.tensor(names.zeroPoints) : undefined
    if (!weights || !scales || (names.zeroPoints && !zeroPoints)) throw new Unsupported(`the weights of ${describe(node)} are computed`)
    const blocks = Math.ceil(columns / block)
    const zeroBytes = rows * Math.ceil((blocks * bits) / 8)
    if (weights.type !== onnxType.uint8) throw new Unsupported(`the weights of ${describe(node)} are ${typeName(weights.type)}, not uint8`)
    if (scales.type !== onnxType.float && scales.type !== onnxType.float16) throw new Unsupported(`the scales of ${describe(node)} are ${typeName(scales.type)}, not fp32 or fp16`)
    if (zeroPoints && zeroPoints.type !== onnxType.uint8) throw new Unsupported(`the zero points of ${describe(node)} are ${typeName(zeroPoints.type)}, not uint8`)
    if (
      elements(weights) !== (rows * blocks * block * bits) / 8 ||
      elements(scales) !== rows * blocks ||
      (zeroPoints && elements(zeroPoints) !== zeroBytes)
    ) {
      throw new Unsupported(`the weights of ${describe(node)} have another size than the node says`)
    }
    return {
      rows,
      columns,
      bits,
      block,
      weights: this.#files.place(weights),
      scales: this.#files.place(scales),
      scaleBits: scales.type === onnxType.float ? 32 : 16,
      ...(zeroPoints && { zeroPoints: this.#files.place(zeroPoints) }),
    }
  }
}

/** Rows `start` to `start + count`; the bias is of all rows, or of these. */
function slice(matrix: MatrixPlan, { start, count }: RowRange, bias: VectorPlace | undefined): MatrixPlan {
  if (start < 0 || count <= 0 || start + count > matrix.rows) throw new Unsupported(`rows ${start} to ${start + count} of ${matrix.rows} are asked for`)
  const blocks = Math.ceil(matrix.columns / matrix.block)
  const moved = (place: { file: number; offset: number }, rowBytes: number) => ({ ...place, offset: place.offset + start * rowBytes })
  if (bias && bias.length !== count && bias.length !== matrix.rows) throw new Unsupported(`a bias has ${bias.length} elements for ${count} rows`)
  return {
    ...matrix,
    rows: count,
    weights: moved(matrix.weights, (blocks * matrix.block * matrix.bits) / 8),
    ...(matrix.scales && { scales: moved(matrix.scales, (blocks * matrix.scaleBits) / 8) }),
    ...(matrix.zeroPoints && { zeroPoints: moved(matrix.zeroPoints, Math.ceil((blocks * matrix.bits) / 8)) }),
    ...(bias && { bias: bias.length === count ? bias : { ...bias, offset: bias.offset + (start * bias.bits) / 8, length: count } }),
  }
}

function elements(tensor: OnnxTensor): number {
  return tensor.dims.reduce((product, dim) => product * dim, 1)
}
