import { onnxType, type OnnxTensor } from '../../../models/index.js'
import { halfToFloat } from '../onnx/float16.js'
import type { GraphView } from './GraphView.js'
import { Unsupported } from './Unsupported.js'
import type { WeightFiles } from './WeightFiles.js'

/** The cosines and sines that a graph turns pairs of elements by. */
export interface RotaryTable {
  positions: number
  /** Pairs of a head's elements. */
  pairs: number
  cos(position: number, pair: number): number
  sin(position: number, pair: number): number
}

/**
 * A table that the graph stores, or computes from positions and stored frequencies, as exporters do where it would be large.
 * @param cos name of the value with the cosines.
 * @param sin name of the value with the sines.
 */
export function readRotaryTable(view: GraphView, files: WeightFiles, cos: string | undefined, sin: string | undefined): RotaryTable {
  return stored(view, files, cos, sin) ?? computed(view, files, cos, sin) ?? unknown()
}

function stored(view: GraphView, files: WeightFiles, cos: string | undefined, sin: string | undefined): RotaryTable | undefined {
  const cosines = view.tensor(cos)
  const sines = view.tensor(sin)
  if (!cosines || !sines) return undefined
  const [positions, pairs] = cosines.dims
  const sameShape = cosines.dims.length === 2 && sines.dims.length === 2 && sines.dims[0] === positions && sines.dims[1] === pairs
  if (!sameShape || positions === undefined || pairs === undefined || !isFloat(cosines) || !isFloat(sines)) return undefined
  return {
    positions,
    pairs,
    cos: (position, pair) => element(files, cosines, position * pairs + pair),
    sin: (position, pair) => element(files, sines, position * pairs + pair),
  }
}

// Cos and Sin of Range(0, positions, 1) as a column, times frequencies as a row.
function computed(view: GraphView, files: WeightFiles, cos: string | undefined, sin: string | undefined): RotaryTable | undefined {
  const [cosine, sine] = [view.maker(cos ?? ''), view.maker(sin ?? '')]
  if (cosine?.opType !== 'Cos' || sine?.opType !== 'Sin') return undefined
  const product = view.maker(cosine.inputs[0]!)
  if (product?.opType !== 'Mul' || view.maker(sine.inputs[0]!) !== product) return undefined
  const [column, row] = product.inputs
  const frequencies = view.tensor(row)
  const unsqueeze = view.maker(column ?? '')
  const range = unsqueeze?.opType === 'Unsqueeze' ? view.maker(unsqueeze.inputs[0]!) : undefined
  if (!frequencies || !isFloat(frequencies) || frequencies.dims.length !== 1 || range?.opType !== 'Range') return undefined
  const [start, end, step] = range.inputs.map((input) => view.scalar(input))
  if (start !== 0 || end === undefined || step !== 1 || view.scalar(unsqueeze!.inputs[1] ?? '') !== 1) return undefined
  const angle = (position: number, pair: number) => position * element(files, frequencies, pair)
  return {
    positions: end,
    pairs: frequencies.dims[0]!,
    cos: (position, pair) => Math.cos(angle(position, pair)),
    sin: (position, pair) => Math.sin(angle(position, pair)),
  }
}

function unknown(): never {
  throw new Unsupported('it does not know the tables of its rotary embedding')
}

function isFloat({ type }: OnnxTensor): boolean {
  return type === onnxType.float || type === onnxType.float16
}

function element(files: WeightFiles, tensor: OnnxTensor, index: number): number {
  const bytes = files.bytes(tensor)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (tensor.type === onnxType.float) return view.getFloat32(4 * index, true)
  const target = new Float32Array(1)
  halfToFloat(Uint16Array.of(view.getUint16(2 * index, true)), target)
  return target[0]!
}
