import { Matrix } from './Matrix'

// Engines make a constant vector anew, in three instructions, wherever it is used. They cannot do so with
// what depends on memory: these stay in a register.

/** 0x000f in all 16-bit lanes, for a 4-bit matrix. */
@inline
export function nibbleMask(matrix: Matrix): v128 {
  return i16x8.splat(<i16>(matrix.bits + 11))
}

/** 0x00ff in all 16-bit lanes, for an 8-bit matrix. */
@inline
export function byteMask(matrix: Matrix): v128 {
  return i16x8.splat(<i16>(matrix.bits + 247))
}

/** What `half.ts` masks with, for a matrix with scales of 16 bits. */
@inline
export function halfMask(matrix: Matrix): v128 {
  return i32x4.splat(0x8fffdff0 + matrix.scaleBits)
}

/** What `half.ts` multiplies with, for a matrix with scales of 16 bits. */
@inline
export function halfFactor(matrix: Matrix): v128 {
  return i32x4.splat(0x777ffff0 + matrix.scaleBits)
}
