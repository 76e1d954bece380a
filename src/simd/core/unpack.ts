import { zeroPoint } from './blockScales'
import { highHalves, interleaveHigh, interleaveLow, lowHalves } from './lanes'
import { Matrix } from './Matrix'
import { activationBlock, activationBlocks } from './quantizeRows'

/**
 * Unpacks four rows for `tile`: weights less their zero points as int16 pairs, at `out` and every 32 bytes. The order is that of
 * the activations; 4-bit weights keep the factors 1, 16, 1 and 16 that `quantizeRows` reckons with.
 */
export function unpackRows(matrix: Matrix, row0: i32, row1: i32, row2: i32, row3: i32, out: usize): void {
  const block = activationBlock(matrix)
  const blocks = activationBlocks(matrix)
  const parts = matrix.block / block
  const bytes = <usize>((block * matrix.bits) >> 3)
  const rowBytes = <usize>((matrix.columns + matrix.block - 1) / matrix.block) * ((matrix.block * matrix.bits) >> 3)
  let w0 = matrix.weights + <usize>row0 * rowBytes
  let w1 = matrix.weights + <usize>row1 * rowBytes
  let w2 = matrix.weights + <usize>row2 * rowBytes
  let w3 = matrix.weights + <usize>row3 * rowBytes
  if (matrix.zeroPoints == 0) {
    // The common case has its zero points as constants.
    const zero = 1 << (matrix.bits - 1)
    for (let i = 0; i < blocks; ++i) {
      if (matrix.bits == 8) bytes8(w0, w1, w2, w3, zero, zero, zero, zero, out, block)
      else if (block == 32) nibbles32(w0, w1, w2, w3, 8, 8, 8, 8, out)
      else nibbles16(w0, w1, w2, w3, 8, 8, 8, 8, out)
      w0 += bytes
      w1 += bytes
      w2 += bytes
      w3 += bytes
      out += (<usize>block) << 4
    }
    return
  }
  for (let i = 0; i < blocks; ++i) {
    const index = i / parts
    const z0 = zeroPoint(matrix, row0, index)
    const z1 = zeroPoint(matrix, row1, index)
    const z2 = zeroPoint(matrix, row2, index)
    const z3 = zeroPoint(matrix, row3, index)
    if (matrix.bits == 8) bytes8(w0, w1, w2, w3, z0, z1, z2, z3, out, block)
    else if (block == 32) nibbles32(w0, w1, w2, w3, z0, z1, z2, z3, out)
    else nibbles16(w0, w1, w2, w3, z0, z1, z2, z3, out)
    w0 += bytes
    w1 += bytes
    w2 += bytes
    w3 += bytes
    out += (<usize>block) << 4
  }
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

@inline
function nibbles32(w0: usize, w1: usize, w2: usize, w3: usize, z0: i32, z1: i32, z2: i32, z3: i32, out: usize): void {
  const a = v128.load(w0)
  const b = v128.load(w1)
  const c = v128.load(w2)
  const d = v128.load(w3)
  storePairs(masked(a, 0x000f, z0), masked(b, 0x000f, z1), masked(c, 0x000f, z2), masked(d, 0x000f, z3), out)
  storePairs(masked(a, 0x00f0, z0 << 4), masked(b, 0x00f0, z1 << 4), masked(c, 0x00f0, z2 << 4), masked(d, 0x00f0, z3 << 4), out + 128)
  const e = i16x8.shr_u(a, 8)
  const f = i16x8.shr_u(b, 8)
  const g = i16x8.shr_u(c, 8)
  const h = i16x8.shr_u(d, 8)
  storePairs(masked(e, 0x000f, z0), masked(f, 0x000f, z1), masked(g, 0x000f, z2), masked(h, 0x000f, z3), out + 256)
  storePairs(masked(e, 0x00f0, z0 << 4), masked(f, 0x00f0, z1 << 4), masked(g, 0x00f0, z2 << 4), masked(h, 0x00f0, z3 << 4), out + 384)
}

@inline
function masked(w: v128, mask: i16, zero: i32): v128 {
  return i16x8.sub(v128.and(w, i16x8.splat(mask)), i16x8.splat(<i16>zero))
}

@inline
function nibbles16(w0: usize, w1: usize, w2: usize, w3: usize, z0: i32, z1: i32, z2: i32, z3: i32, out: usize): void {
  const a = v128.load64_zero(w0)
  const b = v128.load64_zero(w1)
  const c = v128.load64_zero(w2)
  const d = v128.load64_zero(w3)
  storePairs(half16(a, z0), half16(b, z1), half16(c, z2), half16(d, z3), out)
  storePairs(half16(i16x8.shr_u(a, 8), z0), half16(i16x8.shr_u(b, 8), z1), half16(i16x8.shr_u(c, 8), z2), half16(i16x8.shr_u(d, 8), z3), out + 128)
}

@inline
function half16(w: v128, zero: i32): v128 {
  return lowHalves(masked(w, 0x000f, zero), masked(w, 0x00f0, zero << 4))
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
