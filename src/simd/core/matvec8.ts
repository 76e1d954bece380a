import { expandScales, expandZeros } from './blockScales'
import { finishRows } from './finishRows'
import { sumOfEach } from './lanes'
import { byteMask } from './masks'
import { Matrix } from './Matrix'
import { activationBlock, activationBlocks, integerBytes } from './quantizeRows'
import { touch } from './touch'

/** One quantized row times rows `firstRow` to `endRow` of an 8-bit matrix. See `matvec4`. */
export function matvec8(matrix: Matrix, x: usize, out: usize, firstRow: i32, endRow: i32, scratch: usize): void {
  const zeros = scratch + ((<usize>activationBlocks(matrix)) << 4)
  const rowBytes = <usize>((matrix.columns + matrix.block - 1) / matrix.block) * matrix.block
  for (let row = firstRow; row < endRow; row += 4) {
    const last = endRow - 1
    const row1 = min(row + 1, last)
    const row2 = min(row + 2, last)
    const row3 = min(row + 3, last)
    if (row + 8 <= endRow) touch(matrix.weights + <usize>(row + 4) * rowBytes, rowBytes << 2)
    expandScales(matrix, row, row1, row2, row3, scratch)
    let sums: v128
    if (matrix.zeroPoints != 0) {
      expandZeros(matrix, row, row1, row2, row3, zeros)
      if (activationBlock(matrix) == 32) sums = fourRows(matrix, x, row, row1, row2, row3, scratch, zeros, 32, true)
      else sums = fourRows(matrix, x, row, row1, row2, row3, scratch, zeros, 16, true)
    } else {
      if (activationBlock(matrix) == 32) sums = fourRows(matrix, x, row, row1, row2, row3, scratch, zeros, 32, false)
      else sums = fourRows(matrix, x, row, row1, row2, row3, scratch, zeros, 16, false)
    }
    finishRows(matrix, sums, row, min(4, endRow - row), out)
  }
}

@inline
function fourRows(
  matrix: Matrix, x: usize, row0: i32, row1: i32, row2: i32, row3: i32, scales: usize, zeros: usize, block: i32, asymmetric: bool,
): v128 {
  const rowBytes = <usize>((matrix.columns + matrix.block - 1) / matrix.block) * matrix.block
  let w0 = matrix.weights + <usize>row0 * rowBytes
  let w1 = matrix.weights + <usize>row1 * rowBytes
  let w2 = matrix.weights + <usize>row2 * rowBytes
  let w3 = matrix.weights + <usize>row3 * rowBytes
  let marks = x + integerBytes(matrix)
  const mask = byteMask(matrix)
  let sums = f32x4.splat(0)
  const end = scales + ((<usize>activationBlocks(matrix)) << 4)
  while (scales < end) {
    const products = sumOfEach(dot(x, w0, block, mask), dot(x, w1, block, mask), dot(x, w2, block, mask), dot(x, w3, block, mask))
    let correction = v128.load_splat<i32>(marks, 4)
    if (asymmetric) {
      correction = i32x4.mul(correction, v128.load(zeros))
      zeros += 16
    }
    const integers = f32x4.convert_i32x4_s(i32x4.add(products, correction))
    sums = f32x4.add(sums, f32x4.mul(integers, f32x4.mul(v128.load(scales), v128.load_splat<f32>(marks))))
    w0 += block
    w1 += block
    w2 += block
    w3 += block
    x += block << 1
    marks += 8
    scales += 16
  }
  return sums
}

@inline
function dot(x: usize, weights: usize, block: i32, mask: v128): v128 {
  const front = dot16(x, weights, mask)
  return block == 16 ? front : i32x4.add(front, dot16(x + 32, weights + 16, mask))
}

/** See `quantizeRows` for the order of activations. */
@inline
function dot16(x: usize, weights: usize, mask: v128): v128 {
  const w = v128.load(weights)
  return i32x4.add(i32x4.dot_i16x8_s(v128.load(x), v128.and(w, mask)), i32x4.dot_i16x8_s(v128.load(x, 16), i16x8.shr_u(w, 8)))
}
