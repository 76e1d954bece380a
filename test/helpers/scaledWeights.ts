import { onnxType, readOnnxGraph } from '../../src/models/index.js'

/**
 * A copy of an ONNX file whose weights in floats and halves are `factor` times as large; halves beyond 65504 become
 * infinite, as in a converter that does not look.
 * @param isMeant which, by name. @throws where there is none.
 */
export function scaledWeights(file: Uint8Array, factor: number, isMeant: (name: string) => boolean): Uint8Array {
  const copy = file.slice()
  const view = new DataView(copy.buffer)
  let count = 0
  for (const { name, type, dims, place } of readOnnxGraph('model.onnx', file).tensors.values()) {
    const isScaled = type === onnxType.float || type === onnxType.float16
    if (!isScaled || dims.length < 1 || !isMeant(name) || !place || place.file !== undefined) continue
    count++
    const end = place.offset + place.length
    if (type === onnxType.float) for (let at = place.offset; at < end; at += 4) view.setFloat32(at, view.getFloat32(at, true) * factor, true)
    else for (let at = place.offset; at < end; at += 2) view.setUint16(at, scaledHalf(view.getUint16(at, true), factor), true)
  }
  if (count === 0) throw new Error('The graph has no such weights')
  return copy
}

/** Exact for powers of two, of normal numbers. */
function scaledHalf(half: number, factor: number): number {
  const exponent = (half >> 10) & 0x1f
  if (exponent === 0) return half
  const scaled = exponent + Math.log2(factor)
  return scaled > 30 ? (half & 0x8000) | 0x7c00 : (half & 0x83ff) | (Math.max(0, scaled) << 10)
}
