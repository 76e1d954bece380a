import { Matrix } from './Matrix'
import { activationBlocks } from './quantizeRows'

/** Rows of a matrix that are unpacked together. */
export const TILE_ROWS = 8
/** Quantized rows that meet them together. */
export const TILE_TOKENS = 4

/**
 * Eight unpacked rows times four tokens: writes float32 `[4 tokens][8 rows]` to `sums`.
 *
 * Weights lie as `unpack` leaves them: for each pair of elements int16 pairs of rows 0 to 3, then of 4 to 7, 32 bytes;
 * activations `x` as `quantizeRows` leaves a group of four: for each pair of elements that of each token, 16 bytes, and from
 * `marks` on those of each block. One activation pair in all lanes then meets four rows at once, and sums need no adding
 * across lanes. Old engines hoist all loads of a loop's body, so that a longer body than this one runs out of registers.
 *
 * `block` and `asymmetric` are constants of the caller. `scales` are float32 `[2][blocks][4 rows]`, `zeros` int32, the same.
 */
@inline
export function tile(
  matrix: Matrix, weights: usize, scales: usize, zeros: usize, x: usize, marks: usize, sums: usize, block: i32, asymmetric: bool,
): void {
  for (let i: usize = 0; i < 128; i += 16) v128.store(sums + i, f32x4.splat(0))
  const upper = (<usize>activationBlocks(matrix)) << 4
  const end = scales + upper
  while (scales < end) {
    let a0: v128, a1: v128, a2: v128, a3: v128, b0: v128, b1: v128, b2: v128, b3: v128
    if (asymmetric) {
      const za = v128.load(zeros)
      const zb = v128.load(zeros + upper)
      const s0 = v128.load_splat<i32>(marks, 16)
      const s1 = v128.load_splat<i32>(marks, 20)
      const s2 = v128.load_splat<i32>(marks, 24)
      const s3 = v128.load_splat<i32>(marks, 28)
      a0 = i32x4.mul(za, s0)
      b0 = i32x4.mul(zb, s0)
      a1 = i32x4.mul(za, s1)
      b1 = i32x4.mul(zb, s1)
      a2 = i32x4.mul(za, s2)
      b2 = i32x4.mul(zb, s2)
      a3 = i32x4.mul(za, s3)
      b3 = i32x4.mul(zb, s3)
      zeros += 16
    } else {
      a0 = v128.load_splat<i32>(marks, 16)
      a1 = v128.load_splat<i32>(marks, 20)
      a2 = v128.load_splat<i32>(marks, 24)
      a3 = v128.load_splat<i32>(marks, 28)
      b0 = a0
      b1 = a1
      b2 = a2
      b3 = a3
    }
    const stop = weights + (<usize>block << 4)
    while (weights < stop) {
      const wa = v128.load(weights)
      const wb = v128.load(weights, 16)
      let splat = v128.load_splat<i32>(x)
      a0 = i32x4.add(a0, i32x4.dot_i16x8_s(wa, splat))
      b0 = i32x4.add(b0, i32x4.dot_i16x8_s(wb, splat))
      splat = v128.load_splat<i32>(x, 4)
      a1 = i32x4.add(a1, i32x4.dot_i16x8_s(wa, splat))
      b1 = i32x4.add(b1, i32x4.dot_i16x8_s(wb, splat))
      splat = v128.load_splat<i32>(x, 8)
      a2 = i32x4.add(a2, i32x4.dot_i16x8_s(wa, splat))
      b2 = i32x4.add(b2, i32x4.dot_i16x8_s(wb, splat))
      splat = v128.load_splat<i32>(x, 12)
      a3 = i32x4.add(a3, i32x4.dot_i16x8_s(wa, splat))
      b3 = i32x4.add(b3, i32x4.dot_i16x8_s(wb, splat))
      weights += 32
      x += 16
    }
    const sa = v128.load(scales)
    const sb = v128.load(scales + upper)
    addBlock(sums, a0, b0, sa, sb, marks)
    addBlock(sums + 32, a1, b1, sa, sb, marks + 4)
    addBlock(sums + 64, a2, b2, sa, sb, marks + 8)
    addBlock(sums + 96, a3, b3, sa, sb, marks + 12)
    marks += 32
    scales += 16
  }
}

@inline
function addBlock(sums: usize, a: v128, b: v128, scalesA: v128, scalesB: v128, mark: usize): void {
  const activation = v128.load_splat<f32>(mark)
  v128.store(sums, f32x4.add(v128.load(sums), f32x4.mul(f32x4.convert_i32x4_s(a), f32x4.mul(scalesA, activation))))
  v128.store(sums, f32x4.add(v128.load(sums, 16), f32x4.mul(f32x4.convert_i32x4_s(b), f32x4.mul(scalesB, activation))), 16)
}
