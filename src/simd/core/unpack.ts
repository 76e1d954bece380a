import { highHalves, interleaveHigh, interleaveLow, lowHalves } from './lanes'
import { byteMask, nibbleMask } from './masks'
import { Matrix } from './Matrix'
import { activationBlock, activationBlocks } from './quantizeRows'

/**
 * Unpacks four rows for `tile`: int16 pairs of all four, 16 bytes at `out` and every 32 bytes, zero points not yet subtracted.
 * The order of pairs is that of the activations, and so are the factors 1, 16, 1 and 16 of 4-bit weights that `quantizeRows`
 * reckons with. Rows are brought together while they are packed, which takes a fraction of the shuffles.
 */
export function unpack(matrix: Matrix, row0: i32, row1: i32, row2: i32, row3: i32, out: usize): void {
  const rowBytes = <usize>((matrix.columns + matrix.block - 1) / matrix.block) * ((matrix.block * matrix.bits) >> 3)
  const w0 = matrix.weights + <usize>row0 * rowBytes
  const w1 = matrix.weights + <usize>row1 * rowBytes
  const w2 = matrix.weights + <usize>row2 * rowBytes
  const w3 = matrix.weights + <usize>row3 * rowBytes
  // A last block may be longer than what the activations have of it.
  const end = w0 + <usize>((activationBlocks(matrix) * activationBlock(matrix) * matrix.bits) >> 3)
  if (matrix.bits == 8) unpackBytes(matrix, w0, w1, w2, w3, end, out)
  else if (activationBlock(matrix) == 32) unpackNibbles32(matrix, w0, w1, w2, w3, end, out)
  else unpackNibbles16(matrix, w0, w1, w2, w3, end, out)
}

function unpackBytes(matrix: Matrix, w0: usize, w1: usize, w2: usize, w3: usize, end: usize, out: usize): void {
  const mask = byteMask(matrix)
  while (w0 < end) {
    const a = v128.load(w0), b = v128.load(w1), c = v128.load(w2), d = v128.load(w3)
    const ab = interleaveLow(a, b), cd = interleaveLow(c, d)
    const abHigh = interleaveHigh(a, b), cdHigh = interleaveHigh(c, d)
    storeBytes(lowHalves(ab, cd), mask, out)
    storeBytes(highHalves(ab, cd), mask, out + 32)
    storeBytes(lowHalves(abHigh, cdHigh), mask, out + 64)
    storeBytes(highHalves(abHigh, cdHigh), mask, out + 96)
    w0 += 16
    w1 += 16
    w2 += 16
    w3 += 16
    out += 256
  }
}

@inline
function storeBytes(w: v128, mask: v128, out: usize): void {
  v128.store(out, v128.and(w, mask))
  v128.store(out, i16x8.shr_u(w, 8), 128)
}

function unpackNibbles32(matrix: Matrix, w0: usize, w1: usize, w2: usize, w3: usize, end: usize, out: usize): void {
  const low = nibbleMask(matrix)
  const high = i16x8.shl(low, 4)
  while (w0 < end) {
    const a = v128.load(w0), b = v128.load(w1), c = v128.load(w2), d = v128.load(w3)
    const ab = interleaveLow(a, b), cd = interleaveLow(c, d)
    const abHigh = interleaveHigh(a, b), cdHigh = interleaveHigh(c, d)
    storeNibbles(lowHalves(ab, cd), low, high, out, 128)
    storeNibbles(highHalves(ab, cd), low, high, out + 32, 128)
    storeNibbles(lowHalves(abHigh, cdHigh), low, high, out + 64, 128)
    storeNibbles(highHalves(abHigh, cdHigh), low, high, out + 96, 128)
    w0 += 16
    w1 += 16
    w2 += 16
    w3 += 16
    out += 512
  }
}

function unpackNibbles16(matrix: Matrix, w0: usize, w1: usize, w2: usize, w3: usize, end: usize, out: usize): void {
  const low = nibbleMask(matrix)
  const high = i16x8.shl(low, 4)
  while (w0 < end) {
    const ab = interleaveLow(v128.load64_zero(w0), v128.load64_zero(w1))
    const cd = interleaveLow(v128.load64_zero(w2), v128.load64_zero(w3))
    storeNibbles(lowHalves(ab, cd), low, high, out, 64)
    storeNibbles(highHalves(ab, cd), low, high, out + 32, 64)
    w0 += 8
    w1 += 8
    w2 += 8
    w3 += 8
    out += 256
  }
}

/** A pair of each of the four groups, `step` bytes apart. */
@inline
function storeNibbles(w: v128, low: v128, high: v128, out: usize, step: usize): void {
  const upper = i16x8.shr_u(w, 8)
  v128.store(out, v128.and(w, low))
  v128.store(out + step, v128.and(w, high))
  v128.store(out + 2 * step, v128.and(upper, low))
  v128.store(out + 3 * step, v128.and(upper, high))
}
