import { highHalves, interleaveHigh, interleaveLow, lowHalves } from './lanes'
import { Matrix } from './Matrix'
import { loadRest } from './rest'

/**
 * A quantized row: its integers as int16, block after block, then two marks for each block: the scale (float32), and what is
 * added to a sum of products because weights were multiplied before their zero point was subtracted (int32): the integers' sum times minus
 * the zero point, where all blocks have the same, else times −1. A block has `activationBlock` elements; the last one is
 * padded with zeros. How integers lie depends on the matrix that will meet them:
 *
 * - 8-bit weights: of each 16 elements first 0, 2, 4, … and then 1, 3, 5, …, as a mask takes bytes out of 16-bit lanes.
 * - 4-bit weights: first the elements 0, 4, 8, … of the block, then 1, 5, 9, …, then 2, 6, … and 3, 7, …, as a mask
 *   takes nibbles. A nibble stays where the mask finds it, so the second and fourth group meet weights × 16.
 *   The first and third are multiplied by 16 here, which is just what 12 bits have room for. So all products are × 16, and
 *   the scale is ÷ 16.
 *
 * Up to `FEW_TOKENS` rows lie one behind the other. More are dealt into groups of `GROUP`, whose elements lie side by side: a pair of
 * integers of the first row, of the second, third and fourth, then the next pair of each; and so do the marks of a block,
 * four scales and four integers. What is read for rows that the last group lacks means nothing.
 */

/** Up to so many tokens, unpacking weights for each of them costs less than filling a tile. */
export const FEW_TOKENS = 2
/** Rows of a group. */
export const GROUP = 4

/** Elements of a row that share a scale. */
@inline
export function activationBlock(matrix: Matrix): i32 {
  return min(32, matrix.block)
}

@inline
export function activationBlocks(matrix: Matrix): i32 {
  const block = activationBlock(matrix)
  return (matrix.columns + block - 1) / block
}

/** Bytes of the integers of one row. */
@inline
export function integerBytes(matrix: Matrix): usize {
  return <usize>(activationBlocks(matrix) * activationBlock(matrix)) << 1
}

/** Bytes from one quantized row to the next, a multiple of 16. */
export function quantizedRowBytes(matrix: Matrix): usize {
  return (integerBytes(matrix) + <usize>activationBlocks(matrix) * 8 + 15) & ~15
}

/** Rows that `count` rows take the room of. */
export function quantizedRows(count: i32): i32 {
  return count > FEW_TOKENS ? (count + GROUP - 1) & -GROUP : count
}

/** Whether rows quantized for one matrix can be multiplied with the other as well. */
export function sameQuantization(a: Matrix, b: Matrix): bool {
  return a.bits == b.bits && a.columns == b.columns && activationBlock(a) == activationBlock(b) && (a.zeroPoints == 0) == (b.zeroPoints == 0)
}

/** Largest integer, of 12 bits with a sign. */
const LARGEST: f32 = 2047
/** Below this a block counts as zeros: its scale, and `LARGEST / max`, would come near the end of the range of floats. */
const SMALLEST: f32 = 1e-33

/**
 * Quantizes rows `firstRow` to `endRow` (exclusive) of `count` rows at `x`, float32, `stride` floats apart, for a product
 * with `matrix`. `out` is the address of row 0's result, with room for `quantizedRows(count)`. Rows are independent:
 * threads may share them in any way.
 */
export function quantizeRows(matrix: Matrix, x: usize, stride: i32, out: usize, firstRow: i32, endRow: i32, count: i32): void {
  const block = activationBlock(matrix)
  const blocks = activationBlocks(matrix)
  const columns = matrix.columns
  const bytes = quantizedRowBytes(matrix)
  const rows = <usize>(count > FEW_TOKENS ? GROUP : 1)
  for (let row = firstRow; row < endRow; ++row) {
    const from = x + (<usize>row * stride) * 4
    const place = <usize>row % rows
    let integers = out + (<usize>row - place) * bytes + (place << 2)
    let marks = integers + integerBytes(matrix) * rows
    for (let b = 0; b < blocks; ++b) {
      const values = from + (<usize>b * block) * 4
      const left = columns - b * block
      if (left >= block) quantizeBlock(matrix, values, block, true, block, integers, marks, rows)
      else quantizePart(matrix, values, left, block, integers, marks, rows)
      integers += ((<usize>block) << 1) * rows
      marks += rows << 3
    }
  }
}

/** The last block, where it is not full. */
function quantizePart(matrix: Matrix, x: usize, count: i32, block: i32, integers: usize, marks: usize, rows: usize): void {
  quantizeBlock(matrix, x, count, false, block, integers, marks, rows)
}

/** `whole` is a constant of the caller: whether `count` is `block`. */
@inline
function quantizeBlock(matrix: Matrix, x: usize, count: i32, whole: bool, block: i32, integers: usize, marks: usize, rows: usize): void {
  // Magnitudes compare like the integers of their bits, NaN as the largest, and that takes one instruction.
  let largest = i32x4.splat(0)
  for (let i = 0; i < count; i += 4) {
    largest = i32x4.max_s(largest, f32x4.abs(load4(x + ((<usize>i) << 2), count - i, whole)))
  }
  largest = i32x4.max_s(largest, highHalves(largest, largest))
  const peak = reinterpret<f32>(max(i32x4.extract_lane(largest, 0), i32x4.extract_lane(largest, 1)))
  const empty = peak < SMALLEST
  const nibbles = matrix.bits == 4
  const factor = f32x4.splat(empty ? 0 : LARGEST / peak)
  store<f32>(marks, empty ? 0 : nibbles ? (peak / LARGEST) * (1.0 / 16) : peak / LARGEST)

  let sums = i32x4.splat(0)
  // Sixteen elements at a time; a block of 32 is two halves.
  for (let half = 0; half < block; half += 16) {
    const at = x + ((<usize>half) << 2)
    const a = toIntegers(load4(at, count - half, whole), factor)
    const b = toIntegers(load4(at + 16, count - half - 4, whole), factor)
    const c = toIntegers(load4(at + 32, count - half - 8, whole), factor)
    const d = toIntegers(load4(at + 48, count - half - 12, whole), factor)
    sums = i32x4.add(sums, i32x4.add(i32x4.add(a, b), i32x4.add(c, d)))
    if (nibbles) {
      const ab = interleaveLow(a, b)
      const cd = interleaveLow(c, d)
      const abHigh = interleaveHigh(a, b)
      const cdHigh = interleaveHigh(c, d)
      const first = i32x4.shl(lowHalves(ab, cd), 4)
      const third = i32x4.shl(lowHalves(abHigh, cdHigh), 4)
      const to = integers + ((<usize>half) >> 1) * rows
      const group = ((<usize>block) >> 1) * rows
      store4(to, to + group, i16x8.narrow_i32x4_s(first, highHalves(ab, cd)), rows)
      store4(to + 2 * group, to + 3 * group, i16x8.narrow_i32x4_s(third, highHalves(abHigh, cdHigh)), rows)
    } else {
      const to = integers + ((<usize>half) << 1) * rows
      const even = i16x8.narrow_i32x4_s(i32x4.shuffle(a, b, 0, 2, 4, 6), i32x4.shuffle(c, d, 0, 2, 4, 6))
      const odd = i16x8.narrow_i32x4_s(i32x4.shuffle(a, b, 1, 3, 5, 7), i32x4.shuffle(c, d, 1, 3, 5, 7))
      store4(to, to + 8 * rows, even, rows)
      store4(to + 16 * rows, to + 24 * rows, odd, rows)
    }
  }
  const sumPairs = i32x4.add(sums, highHalves(sums, sums))
  const sum = i32x4.extract_lane(sumPairs, 0) + i32x4.extract_lane(sumPairs, 1)
  const zero = matrix.zeroPoints ? 1 : 1 << (matrix.bits - 1)
  store<i32>(marks + (rows << 2), -sum * (nibbles ? zero << 4 : zero))
}

/** The lower two pairs to `low`, the upper two to `high`, each pair `rows` pairs behind the one before. */
@inline
function store4(low: usize, high: usize, integers: v128, rows: usize): void {
  if (rows == 1) {
    v128.store64_lane(low, integers, 0)
    v128.store64_lane(high, integers, 1)
  } else {
    v128.store32_lane(low, integers, 0)
    v128.store32_lane(low, integers, 1, 4 * GROUP)
    v128.store32_lane(high, integers, 2)
    v128.store32_lane(high, integers, 3, 4 * GROUP)
  }
}

/** Rounds to nearest, ties to even: the sum with 1.5 · 2²³ has no room for a fraction, and the integer in its lowest bits. */
@inline
function toIntegers(x: v128, factor: v128): v128 {
  return i32x4.sub(f32x4.add(f32x4.mul(x, factor), f32x4.splat(12582912)), i32x4.splat(0x4b400000))
}

@inline
function load4(x: usize, count: i32, whole: bool): v128 {
  if (whole || count >= 4) return v128.load(x)
  return count > 0 ? loadRest(x, count) : f32x4.splat(0)
}
