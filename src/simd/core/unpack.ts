import { zeroPoint } from './blockScales'
import { highHalves, interleaveHigh, interleaveLow, lowHalves } from './lanes'
import { Matrix } from './Matrix'
import { activationBlock, activationBlocks } from './quantizeRows'

/** Unpacks four rows of 8-bit weights for `tile`: less their zero points, as int16 pairs at `out` and every 32 bytes. */
export function unpackRows(matrix: Matrix, row0: i32, row1: i32, row2: i32, row3: i32, out: usize): void {
  const block = activationBlock(matrix)
  const blocks = activationBlocks(matrix)
  const parts = matrix.block / block
  const rowBytes = <usize>((matrix.columns + matrix.block - 1) / matrix.block) * matrix.block
  let w0 = matrix.weights + <usize>row0 * rowBytes
  let w1 = matrix.weights + <usize>row1 * rowBytes
  let w2 = matrix.weights + <usize>row2 * rowBytes
  let w3 = matrix.weights + <usize>row3 * rowBytes
  for (let i = 0; i < blocks; ++i) {
    // The common case has its zero points as constants.
    if (matrix.zeroPoints == 0) {
      bytes8(w0, w1, w2, w3, 128, 128, 128, 128, out, block)
    } else {
      const index = i / parts
      const z0 = zeroPoint(matrix, row0, index)
      const z1 = zeroPoint(matrix, row1, index)
      const z2 = zeroPoint(matrix, row2, index)
      const z3 = zeroPoint(matrix, row3, index)
      bytes8(w0, w1, w2, w3, z0, z1, z2, z3, out, block)
    }
    w0 += block
    w1 += block
    w2 += block
    w3 += block
    out += (<usize>block) << 4
  }
}

/**
 * Unpacks four rows of 4-bit weights for `tile`: less their zero points, as int16 pairs at `out` and every 32 bytes. The order is that
 * of the activations, and the factors 1, 16, 1 and 16 that `quantizeRows` reckons with are kept. Rows are brought together
 * while they are packed, which takes a quarter of the shuffles.
 */
export function unpackNibbles(matrix: Matrix, row0: i32, row1: i32, row2: i32, row3: i32, out: usize): void {
  const block = activationBlock(matrix)
  const blocks = activationBlocks(matrix)
  const parts = matrix.block / block
  const bytes = <usize>block >> 1
  const rowBytes = <usize>((matrix.columns + matrix.block - 1) / matrix.block) * (matrix.block >> 1)
  let w0 = matrix.weights + <usize>row0 * rowBytes
  let w1 = matrix.weights + <usize>row1 * rowBytes
  let w2 = matrix.weights + <usize>row2 * rowBytes
  let w3 = matrix.weights + <usize>row3 * rowBytes
  let zero = i16x8.splat(8)
  for (let i = 0; i < blocks; ++i) {
    if (matrix.zeroPoints != 0) {
      const index = i / parts
      const zeros = i32x4(zeroPoint(matrix, row0, index), zeroPoint(matrix, row1, index), zeroPoint(matrix, row2, index), zeroPoint(matrix, row3, index))
      zero = v128.or(zeros, i32x4.shl(zeros, 16))
    }
    const zero16 = i16x8.shl(zero, 4)
    if (block == 32) {
      const a = v128.load(w0), b = v128.load(w1), c = v128.load(w2), d = v128.load(w3)
      const ab = interleaveLow(a, b), cd = interleaveLow(c, d)
      const abHigh = interleaveHigh(a, b), cdHigh = interleaveHigh(c, d)
      storeGroups(lowHalves(ab, cd), zero, zero16, out, 32)
      storeGroups(highHalves(ab, cd), zero, zero16, out + 32, 32)
      storeGroups(lowHalves(abHigh, cdHigh), zero, zero16, out + 64, 32)
      storeGroups(highHalves(abHigh, cdHigh), zero, zero16, out + 96, 32)
    } else {
      const ab = interleaveLow(v128.load64_zero(w0), v128.load64_zero(w1))
      const cd = interleaveLow(v128.load64_zero(w2), v128.load64_zero(w3))
      storeGroups(lowHalves(ab, cd), zero, zero16, out, 16)
      storeGroups(highHalves(ab, cd), zero, zero16, out + 32, 16)
    }
    w0 += bytes
    w1 += bytes
    w2 += bytes
    w3 += bytes
    out += (<usize>block) << 4
  }
}

/** A pair of each group: vectors lie `4 · block` bytes apart. */
@inline
function storeGroups(w: v128, zero: v128, zero16: v128, out: usize, block: i32): void {
  const high = i16x8.shr_u(w, 8)
  const step = <usize>block << 2
  v128.store(out, i16x8.sub(v128.and(w, i16x8.splat(0x000f)), zero))
  v128.store(out + step, i16x8.sub(v128.and(w, i16x8.splat(0x00f0)), zero16))
  v128.store(out + 2 * step, i16x8.sub(v128.and(high, i16x8.splat(0x000f)), zero))
  v128.store(out + 3 * step, i16x8.sub(v128.and(high, i16x8.splat(0x00f0)), zero16))
}

@inline
function bytes8(w0: usize, w1: usize, w2: usize, w3: usize, z0: i32, z1: i32, z2: i32, z3: i32, out: usize, block: i32): void {
  for (let at: usize = 0; at < <usize>block; at += 8) {
    storePairs(
      i16x8.sub(v128.load_ext<u8>(w0 + at), i16x8.splat(<i16>z0)),
      i16x8.sub(v128.load_ext<u8>(w1 + at), i16x8.splat(<i16>z1)),
      i16x8.sub(v128.load_ext<u8>(w2 + at), i16x8.splat(<i16>z2)),
      i16x8.sub(v128.load_ext<u8>(w3 + at), i16x8.splat(<i16>z3)),
      out + (at << 4),
    )
  }
}

/** Eight int16 of each of four rows as four vectors of pairs, 32 bytes apart. */
@inline
function storePairs(a: v128, b: v128, c: v128, d: v128, out: usize): void {
  const ab = interleaveLow(a, b)
  const cd = interleaveLow(c, d)
  const abHigh = interleaveHigh(a, b)
  const cdHigh = interleaveHigh(c, d)
  v128.store(out, lowHalves(ab, cd))
  v128.store(out, highHalves(ab, cd), 32)
  v128.store(out, lowHalves(abHigh, cdHigh), 64)
  v128.store(out, highHalves(abHigh, cdHigh), 96)
}
