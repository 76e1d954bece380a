import { halfToFloat } from './half'
import { highHalves, highWithZeros, interleaveHalves, interleaveHigh, interleaveLow, lowHalves, lowWithZeros } from './lanes'
import { halfFactor, halfMask } from './masks'
import { Matrix } from './Matrix'
import { activationBlock, activationBlocks } from './quantizeRows'

/** Rows whose sums form one vector. */
export const ROW_GROUP = 4

/**
 * Scales of four rows, from where they lie in the file to float32 `[activation blocks][4 rows]` at `out`. Where a block of weights
 * is longer than one of activations, its scale is repeated. `row1` to `row3` may repeat an earlier row.
 */
export function expandScales(matrix: Matrix, row0: i32, row1: i32, row2: i32, row3: i32, out: usize): void {
  const blocks = (matrix.columns + matrix.block - 1) / matrix.block
  const size = <usize>(matrix.scaleBits >> 3)
  const rowBytes = <usize>blocks * size
  const a = matrix.scales + <usize>row0 * rowBytes
  const b = matrix.scales + <usize>row1 * rowBytes
  const c = matrix.scales + <usize>row2 * rowBytes
  const d = matrix.scales + <usize>row3 * rowBytes
  const parts = matrix.block / activationBlock(matrix)
  const limit = activationBlocks(matrix)
  if (parts == 1 && blocks >= 4) {
    const mask = halfMask(matrix)
    const factor = halfFactor(matrix)
    // The last step repeats a few blocks, so that it has four as well.
    for (let i = 0; i < blocks; i += 4) {
      const at = min(i, blocks - 4)
      const from = <usize>at * size
      const to = out + ((<usize>at) << 4)
      if (size == 2) storeHalves(a + from, b + from, c + from, d + from, mask, factor, to)
      else storeFour(v128.load(a + from), v128.load(b + from), v128.load(c + from), v128.load(d + from), to)
    }
    return
  }
  for (let i = 0; i < blocks; ++i) {
    const offset = <usize>i * size
    const scales = f32x4(loadScale(a + offset, size), loadScale(b + offset, size), loadScale(c + offset, size), loadScale(d + offset, size))
    for (let part = i * parts; part < min(limit, (i + 1) * parts); ++part) v128.store(out + ((<usize>part) << 4), scales)
  }
}

@inline
export function loadScale(address: usize, size: usize): f32 {
  return size == 2 ? halfToFloat(load<u16>(address)) : load<f32>(address)
}

/** Four blocks of four rows, brought together as halves: it takes half of the movements. */
@inline
function storeHalves(a: usize, b: usize, c: usize, d: usize, mask: v128, factor: v128, out: usize): void {
  const ab = interleaveHalves(v128.load64_zero(a), v128.load64_zero(b))
  const cd = interleaveHalves(v128.load64_zero(c), v128.load64_zero(d))
  const front = interleaveLow(ab, cd)
  const back = interleaveHigh(ab, cd)
  v128.store(out, widen(lowWithZeros(front), mask, factor))
  v128.store(out, widen(highWithZeros(front), mask, factor), 16)
  v128.store(out, widen(lowWithZeros(back), mask, factor), 32)
  v128.store(out, widen(highWithZeros(back), mask, factor), 48)
}

/** See `half.ts`. */
@inline
function widen(halves: v128, mask: v128, factor: v128): v128 {
  return f32x4.mul(v128.and(i32x4.shr_s(halves, 3), mask), factor)
}

/** Transposes four blocks of four rows. */
@inline
function storeFour(a: v128, b: v128, c: v128, d: v128, out: usize): void {
  const ab = interleaveLow(a, b)
  const cd = interleaveLow(c, d)
  const abHigh = interleaveHigh(a, b)
  const cdHigh = interleaveHigh(c, d)
  v128.store(out, lowHalves(ab, cd))
  v128.store(out, highHalves(ab, cd), 16)
  v128.store(out, lowHalves(abHigh, cdHigh), 32)
  v128.store(out, highHalves(abHigh, cdHigh), 48)
}

/** The integer that stands for zero in block `index` of a row of weights. */
@inline
export function zeroPoint(matrix: Matrix, row: i32, index: i32): i32 {
  if (matrix.zeroPoints == 0) return 1 << (matrix.bits - 1)
  const blocks = (matrix.columns + matrix.block - 1) / matrix.block
  if (matrix.bits == 8) return load<u8>(matrix.zeroPoints + <usize>row * blocks + index)
  const byte = load<u8>(matrix.zeroPoints + <usize>row * ((blocks + 1) >> 1) + (index >> 1))
  return index & 1 ? byte >> 4 : byte & 15
}

/** Zero points of four rows as int32 `[activation blocks][4 rows]` at `out`. */
export function expandZeros(matrix: Matrix, row0: i32, row1: i32, row2: i32, row3: i32, out: usize): void {
  const shift = matrix.block == 64 ? 1 : matrix.block == 128 ? 2 : 0
  const blocks = activationBlocks(matrix)
  for (let i = 0; i < blocks; ++i) {
    const at = i >> shift
    v128.store(out + ((<usize>i) << 4), i32x4(zeroPoint(matrix, row0, at), zeroPoint(matrix, row1, at), zeroPoint(matrix, row2, at), zeroPoint(matrix, row3, at)))
  }
}
