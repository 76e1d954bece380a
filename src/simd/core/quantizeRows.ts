import { interleaveHigh, interleaveLow, highHalves, lowHalves } from './lanes'
import { Matrix } from './Matrix'

/**
 * A quantized row: its integers as int16, block after block, then for each block its scale (float32) and the sum of its integers
 * (int32). A block has `activationBlock` elements; the last one is padded with zeros. How integers lie depends
 * on the matrix that will meet them:
 *
 * - 8-bit weights: in natural order.
 * - 4-bit weights: first the elements 0, 4, 8, … of the block, then 1, 5, 9, …, then 2, 6, … and 3, 7, …, as a mask
 *   takes nibbles out of 16-bit lanes. A nibble stays where the mask finds it, so the second and fourth group meet weights × 16.
 *   The first and third are multiplied by 16 here, which is just what 12 bits have room for, and all products are × 16.
 */

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

/** Whether rows quantized for one matrix can be multiplied with the other as well. */
export function sameQuantization(a: Matrix, b: Matrix): bool {
  return a.bits == b.bits && a.columns == b.columns && activationBlock(a) == activationBlock(b)
}

/** Largest integer, of 12 bits with a sign. */
const LARGEST: f32 = 2047
/** Below this a block counts as zeros: `LARGEST / max` would come near the end of the range of floats. */
const SMALLEST: f32 = 1e-35

/**
 * Quantizes rows `firstRow` to `endRow` (exclusive) of `x`, float32, `stride` floats apart, for a product with `matrix`.
 * `out` is the address of row 0's result. Rows are independent: threads may share them in any way.
 */
export function quantizeRows(matrix: Matrix, x: usize, stride: i32, out: usize, firstRow: i32, endRow: i32): void {
  const block = activationBlock(matrix)
  const blocks = activationBlocks(matrix)
  const columns = matrix.columns
  const bytes = quantizedRowBytes(matrix)
  for (let row = firstRow; row < endRow; ++row) {
    const from = x + (<usize>row * stride) * 4
    let integers = out + <usize>row * bytes
    let marks = integers + integerBytes(matrix)
    for (let b = 0; b < blocks; ++b) {
      const left = columns - b * block
      quantizeBlock(from + (<usize>b * block) * 4, min(left, block), block, integers, marks, matrix.bits)
      integers += (<usize>block) << 1
      marks += 8
    }
  }
}

function quantizeBlock(x: usize, count: i32, block: i32, integers: usize, marks: usize, bits: i32): void {
  let largest = f32x4.splat(0)
  for (let i = 0; i < count; i += 4) largest = f32x4.max(largest, f32x4.abs(loadUpTo4(x + ((<usize>i) << 2), count - i)))
  const pairs = f32x4.max(largest, highHalves(largest, largest))
  const peak = max(f32x4.extract_lane(pairs, 0), f32x4.extract_lane(pairs, 1))
  const empty = peak < SMALLEST
  const factor = f32x4.splat(empty ? 0 : LARGEST / peak)
  store<f32>(marks, empty ? 0 : peak / LARGEST)

  let sums = i32x4.splat(0)
  // Sixteen elements at a time; a block of 32 is two halves whose groups lie behind each other.
  for (let half = 0; half < block; half += 16) {
    const at = x + ((<usize>half) << 2)
    const a = toIntegers(at, count - half, factor)
    const b = toIntegers(at + 16, count - half - 4, factor)
    const c = toIntegers(at + 32, count - half - 8, factor)
    const d = toIntegers(at + 48, count - half - 12, factor)
    sums = i32x4.add(sums, i32x4.add(i32x4.add(a, b), i32x4.add(c, d)))
    if (bits == 8) {
      v128.store(integers + ((<usize>half) << 1), i16x8.narrow_i32x4_s(a, b))
      v128.store(integers + ((<usize>half) << 1), i16x8.narrow_i32x4_s(c, d), 16)
    } else {
      const ab = interleaveLow(a, b)
      const cd = interleaveLow(c, d)
      const abHigh = interleaveHigh(a, b)
      const cdHigh = interleaveHigh(c, d)
      const first = i32x4.shl(lowHalves(ab, cd), 4)
      const second = highHalves(ab, cd)
      const third = i32x4.shl(lowHalves(abHigh, cdHigh), 4)
      const fourth = highHalves(abHigh, cdHigh)
      const front = i16x8.narrow_i32x4_s(first, second)
      const back = i16x8.narrow_i32x4_s(third, fourth)
      const group = (<usize>block) >> 1
      const at = integers + ((<usize>half) >> 1)
      v128.store64_lane(at, front, 0)
      v128.store64_lane(at + group, front, 1)
      v128.store64_lane(at + 2 * group, back, 0)
      v128.store64_lane(at + 3 * group, back, 1)
    }
  }
  const sumPairs = i32x4.add(sums, highHalves(sums, sums))
  store<i32>(marks, i32x4.extract_lane(sumPairs, 0) + i32x4.extract_lane(sumPairs, 1), 4)
}

@inline
function toIntegers(x: usize, count: i32, factor: v128): v128 {
  return i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(loadUpTo4(x, count), factor)))
}

/** Four floats; those from `count` on are zeros and not read. */
@inline
function loadUpTo4(x: usize, count: i32): v128 {
  if (count >= 4) return v128.load(x)
  return loadFew(x, count)
}

function loadFew(x: usize, count: i32): v128 {
  let values = f32x4.splat(0)
  if (count > 0) values = f32x4.replace_lane(values, 0, load<f32>(x))
  if (count > 1) values = f32x4.replace_lane(values, 1, load<f32>(x, 4))
  if (count > 2) values = f32x4.replace_lane(values, 2, load<f32>(x, 8))
  return values
}
