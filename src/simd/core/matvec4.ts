import { expandScales, expandZeros } from './blockScales'
import { finishRows } from './finishRows'
import { lowHalves, sumOfEach } from './lanes'
import { nibbleMask } from './masks'
import { Matrix } from './Matrix'
import { activationBlock, activationBlocks, integerBytes } from './quantizeRows'
import { touch } from './touch'

/**
 * One quantized row times rows `firstRow` to `endRow` of a 4-bit matrix. Nibbles become integers on the fly; four
 * rows are taken at a time, so that their complete integer sums of a block form one vector.
 */
export function matvec4(matrix: Matrix, x: usize, out: usize, firstRow: i32, endRow: i32, scratch: usize): void {
  const zeros = scratch + ((<usize>activationBlocks(matrix)) << 4)
  const rowBytes = <usize>((matrix.columns + matrix.block - 1) / matrix.block) * (matrix.block >> 1)
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

/** `block` and `asymmetric` are constants of the caller: each combination becomes a loop of its own. */
@inline
function fourRows(
  matrix: Matrix, x: usize, row0: i32, row1: i32, row2: i32, row3: i32, scales: usize, zeros: usize, block: i32, asymmetric: bool,
): v128 {
  const perBlock = matrix.block >> 1
  const rowBytes = <usize>((matrix.columns + matrix.block - 1) / matrix.block) * perBlock
  let w0 = matrix.weights + <usize>row0 * rowBytes
  let w1 = matrix.weights + <usize>row1 * rowBytes
  let w2 = matrix.weights + <usize>row2 * rowBytes
  let w3 = matrix.weights + <usize>row3 * rowBytes
  let marks = x + integerBytes(matrix)
  let sums = f32x4.splat(0)
  const low = nibbleMask(matrix)
  const high = i16x8.shl(low, 4)
  const lowHigh = lowHalves(low, high)
  const end = scales + ((<usize>activationBlocks(matrix)) << 4)
  while (scales < end) {
    const products = block == 32 ? dots32(x, w0, w1, w2, w3, low, high) : dots16(x, w0, w1, w2, w3, lowHigh)
    let correction = v128.load_splat<i32>(marks, 4)
    if (asymmetric) {
      correction = i32x4.mul(correction, v128.load(zeros))
      zeros += 16
    }
    const integers = f32x4.convert_i32x4_s(i32x4.add(products, correction))
    sums = f32x4.add(sums, f32x4.mul(integers, f32x4.mul(v128.load(scales), v128.load_splat<f32>(marks))))
    const bytes: usize = block >> 1
    w0 += bytes
    w1 += bytes
    w2 += bytes
    w3 += bytes
    x += block << 1
    marks += 8
    scales += 16
  }
  return sums
}

@inline
function dots32(x: usize, w0: usize, w1: usize, w2: usize, w3: usize, low: v128, high: v128): v128 {
  const a = v128.load(x)
  const b = v128.load(x, 16)
  const c = v128.load(x, 32)
  const d = v128.load(x, 48)
  return sumOfEach(
    dot32(w0, a, b, c, d, low, high),
    dot32(w1, a, b, c, d, low, high),
    dot32(w2, a, b, c, d, low, high),
    dot32(w3, a, b, c, d, low, high),
  )
}

/** See `quantizeRows` for the order of activations and their factors. */
@inline
function dot32(weights: usize, a: v128, b: v128, c: v128, d: v128, low: v128, high: v128): v128 {
  const w = v128.load(weights)
  const upper = i16x8.shr_u(w, 8)
  const front = i32x4.add(i32x4.dot_i16x8_s(v128.and(w, low), a), i32x4.dot_i16x8_s(v128.and(w, high), b))
  const back = i32x4.add(i32x4.dot_i16x8_s(v128.and(upper, low), c), i32x4.dot_i16x8_s(v128.and(upper, high), d))
  return i32x4.add(front, back)
}

@inline
function dots16(x: usize, w0: usize, w1: usize, w2: usize, w3: usize, masks: v128): v128 {
  const a = v128.load(x)
  const b = v128.load(x, 16)
  return sumOfEach(dot16(w0, a, b, masks), dot16(w1, a, b, masks), dot16(w2, a, b, masks), dot16(w3, a, b, masks))
}

@inline
function dot16(weights: usize, a: v128, b: v128, masks: v128): v128 {
  const w = v128.load64_splat(weights)
  const front = i32x4.dot_i16x8_s(v128.and(w, masks), a)
  return i32x4.add(front, i32x4.dot_i16x8_s(v128.and(i16x8.shr_u(w, 8), masks), b))
}
