import { Matrix } from './Matrix'
import { addDots } from './relaxedDot'
import { activationBlocks } from './quantizeRows'

/**
 * `tile` with relaxed dot products: four nibbles of a row, each a byte, in a lane where `tile` has a pair of int16. Nibbles
 * stay unsigned, as the operand of seven bits must be, so the zero points' share is taken off afterwards.
 */
@inline
export function tileRelaxed(
  matrix: Matrix, weights: usize, scales: usize, zeros: usize, x0: usize, x1: usize, x2: usize, x3: usize, marks: usize, sums: usize,
  block: i32, asymmetric: bool,
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
    for (let quad = 0; quad < block; quad += 4) {
      const wa = v128.load(weights)
      const wb = v128.load(weights, 16)
      let x = v128.load_splat<i32>(x0)
      a0 = addDots(a0, x, wa)
      b0 = addDots(b0, x, wb)
      x = v128.load_splat<i32>(x1)
      a1 = addDots(a1, x, wa)
      b1 = addDots(b1, x, wb)
      x = v128.load_splat<i32>(x2)
      a2 = addDots(a2, x, wa)
      b2 = addDots(b2, x, wb)
      x = v128.load_splat<i32>(x3)
      a3 = addDots(a3, x, wa)
      b3 = addDots(b3, x, wb)
      weights += 32
      x0 += 4
      x1 += 4
      x2 += 4
      x3 += 4
    }
    const sa = v128.load(scales)
    const sb = v128.load(scales + upper)
    let za = i32x4.splat(0), zb = za
    if (asymmetric) {
      za = v128.load(zeros)
      zb = v128.load(zeros + upper)
      zeros += 16
    }
    addBlock(sums, i32x4.extadd_pairwise_i16x8_s(a0), i32x4.extadd_pairwise_i16x8_s(b0), sa, sb, za, zb, marks0, asymmetric)
    addBlock(sums + 32, i32x4.extadd_pairwise_i16x8_s(a1), i32x4.extadd_pairwise_i16x8_s(b1), sa, sb, za, zb, marks1, asymmetric)
    addBlock(sums + 64, i32x4.extadd_pairwise_i16x8_s(a2), i32x4.extadd_pairwise_i16x8_s(b2), sa, sb, za, zb, marks2, asymmetric)
    addBlock(sums + 96, i32x4.extadd_pairwise_i16x8_s(a3), i32x4.extadd_pairwise_i16x8_s(b3), sa, sb, za, zb, marks3, asymmetric)
    marks0 += 8
    marks1 += 8
    marks2 += 8
    marks3 += 8
    scales += 16
  }
}

@inline
function addBlock(
  sums: usize, a: v128, b: v128, scalesA: v128, scalesB: v128, zerosA: v128, zerosB: v128, mark: usize, asymmetric: bool,
): void {
  const scale = v128.load_splat<f32>(mark)
  const activations = v128.load_splat<i32>(mark, 4)
  const symmetric = i32x4.shl(activations, 3)
  const integersA = i32x4.sub(a, asymmetric ? i32x4.mul(activations, zerosA) : symmetric)
  const integersB = i32x4.sub(b, asymmetric ? i32x4.mul(activations, zerosB) : symmetric)
  v128.store(sums, f32x4.add(v128.load(sums), f32x4.mul(f32x4.convert_i32x4_s(integersA), f32x4.mul(scalesA, scale))))
  v128.store(sums, f32x4.add(v128.load(sums, 16), f32x4.mul(f32x4.convert_i32x4_s(integersB), f32x4.mul(scalesB, scale))), 16)
}
