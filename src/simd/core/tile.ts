import { Matrix } from './Matrix'
import { activationBlocks } from './quantizeRows'

/** Rows of a matrix that are unpacked together. */
export const TILE_ROWS = 8
/** Quantized rows that meet them together. */
export const TILE_TOKENS = 4

/**
 * Unpacked weights of eight rows: for each pair of elements (in the order of the activations) int16 pairs of rows 0 to 3, then of
 * 4 to 7, 32 bytes. One activation pair in all lanes then meets four rows at once, and sums need no
 * adding across lanes.
 *
 * Adds to float32 `[4 tokens][8 rows]` at `sums`, which starts as zeros here, all blocks' contributions of the tokens at
 * `x0` to `x3` (`marks` bytes behind each lie its scales). `block` and `shift` (products are × 2^shift) are constants of the caller.
 */
@inline
export function tile(
  matrix: Matrix, weights: usize, scales: usize, x0: usize, x1: usize, x2: usize, x3: usize, marks: usize, sums: usize, block: i32, shift: i32,
): void {
  memory.fill(sums, 0, 128)
  const blocks = <usize>activationBlocks(matrix)
  let marks0 = x0 + marks
  let marks1 = x1 + marks
  let marks2 = x2 + marks
  let marks3 = x3 + marks
  const upper = blocks << 4
  const end = scales + upper
  while (scales < end) {
    let a0 = i32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0
    for (let part = 0; part < block; part += 8) {
      for (let pair = 0; pair < 4; ++pair) {
        const wa = v128.load(weights)
        const wb = v128.load(weights, 16)
        let x = v128.load_splat<i32>(x0)
        a0 = i32x4.add(a0, i32x4.dot_i16x8_s(wa, x))
        b0 = i32x4.add(b0, i32x4.dot_i16x8_s(wb, x))
        x = v128.load_splat<i32>(x1)
        a1 = i32x4.add(a1, i32x4.dot_i16x8_s(wa, x))
        b1 = i32x4.add(b1, i32x4.dot_i16x8_s(wb, x))
        x = v128.load_splat<i32>(x2)
        a2 = i32x4.add(a2, i32x4.dot_i16x8_s(wa, x))
        b2 = i32x4.add(b2, i32x4.dot_i16x8_s(wb, x))
        x = v128.load_splat<i32>(x3)
        a3 = i32x4.add(a3, i32x4.dot_i16x8_s(wa, x))
        b3 = i32x4.add(b3, i32x4.dot_i16x8_s(wb, x))
        weights += 32
        x0 += 4
        x1 += 4
        x2 += 4
        x3 += 4
      }
    }
    const sa = v128.load(scales)
    const sb = v128.load(scales + upper)
    addBlock(sums, a0, b0, sa, sb, marks0, shift)
    addBlock(sums + 32, a1, b1, sa, sb, marks1, shift)
    addBlock(sums + 64, a2, b2, sa, sb, marks2, shift)
    addBlock(sums + 96, a3, b3, sa, sb, marks3, shift)
    marks0 += 8
    marks1 += 8
    marks2 += 8
    marks3 += 8
    scales += 16
  }
}

@inline
function addBlock(sums: usize, a: v128, b: v128, scalesA: v128, scalesB: v128, mark: usize, shift: i32): void {
  const activation = v128.load_splat<f32>(mark)
  const integersA = shift ? i32x4.shr_s(a, shift) : a
  const integersB = shift ? i32x4.shr_s(b, shift) : b
  v128.store(sums, f32x4.add(v128.load(sums), f32x4.mul(f32x4.convert_i32x4_s(integersA), f32x4.mul(scalesA, activation))))
  v128.store(sums, f32x4.add(v128.load(sums, 16), f32x4.mul(f32x4.convert_i32x4_s(integersB), f32x4.mul(scalesB, activation))), 16)
}
