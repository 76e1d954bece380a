import { elements } from './attentionScores'
import { expNotPositive } from './mathematics/vectorExp'

/**
 * Makes scores of four rows into factors of values, in place: exp(score − maximum) times the value's scale.
 * Returns the sums of the exponentials, one token after the other. A hidden token's factor is 0 whatever its scale holds.
 */
@inline
export function exponentials(scores: usize, scoreStep: usize, valueScales: usize, from: i32, to: i32, maximum: v128, sums: v128): v128 {
  const hidden = f32x4.splat(-Infinity)
  let sum = sums
  let at = scores + <usize>from * scoreStep
  for (let slot = from; slot < to; slot++) {
    const score = v128.load(at)
    const e = expNotPositive(f32x4.sub(score, maximum))
    sum = f32x4.add(sum, e)
    const factor = f32x4.mul(e, v128.load_splat<f32>(valueScales + (<usize>slot << 2)))
    v128.store(at, v128.and(factor, f32x4.ne(score, hidden)))
    at += scoreStep
  }
  return sum
}

/**
 * Adds factor · value of slots `from` … `to` − 1 to the sums of up to four rows, one token after the other.
 *
 * @param rows 1 to 4, a constant where this is inlined
 * @param floats whether values are float32 or int16
 * @param sums float32 `[rows][padded]`
 * @param valueStep bytes from a value to the next
 * @param padded the head's dimensions, rounded up to 8; what lies beyond a value goes where nobody reads
 */
@inline
export function weightedValues(rows: i32, floats: bool, sums: usize, values: usize, valueStep: usize, padded: usize, from: i32, to: i32, factors: usize, factorStep: usize): void {
  const step = padded << 2
  const zero = f32x4.splat(0)
  const begin = values + <usize>from * valueStep
  const end = values + <usize>to * valueStep
  for (let i: usize = 0; i < padded; i += 8) {
    const first = sums + (i << 2)
    const second = first + step
    const third = second + step
    const fourth = third + step
    let a0 = v128.load(first)
    let b0 = v128.load(first, 16)
    let a1 = zero
    let b1 = zero
    let a2 = zero
    let b2 = zero
    let a3 = zero
    let b3 = zero
    if (rows > 1) {
      a1 = v128.load(second)
      b1 = v128.load(second, 16)
    }
    if (rows > 2) {
      a2 = v128.load(third)
      b2 = v128.load(third, 16)
    }
    if (rows > 3) {
      a3 = v128.load(fourth)
      b3 = v128.load(fourth, 16)
    }
    let factor = factors + <usize>from * factorStep
    for (let value = begin; value < end; value += valueStep) {
      const a = elements(floats, value, i)
      const b = elements(floats, value, i + 4)
      const f0 = v128.load_splat<f32>(factor)
      a0 = f32x4.add(a0, f32x4.mul(f0, a))
      b0 = f32x4.add(b0, f32x4.mul(f0, b))
      if (rows > 1) {
        const f1 = v128.load_splat<f32>(factor, 4)
        a1 = f32x4.add(a1, f32x4.mul(f1, a))
        b1 = f32x4.add(b1, f32x4.mul(f1, b))
      }
      if (rows > 2) {
        const f2 = v128.load_splat<f32>(factor, 8)
        a2 = f32x4.add(a2, f32x4.mul(f2, a))
        b2 = f32x4.add(b2, f32x4.mul(f2, b))
      }
      if (rows > 3) {
        const f3 = v128.load_splat<f32>(factor, 12)
        a3 = f32x4.add(a3, f32x4.mul(f3, a))
        b3 = f32x4.add(b3, f32x4.mul(f3, b))
      }
      factor += factorStep
    }
    v128.store(first, a0)
    v128.store(first, b0, 16)
    if (rows > 1) {
      v128.store(second, a1)
      v128.store(second, b1, 16)
    }
    if (rows > 2) {
      v128.store(third, a2)
      v128.store(third, b2, 16)
    }
    if (rows > 3) {
      v128.store(fourth, a3)
      v128.store(fourth, b3, 16)
    }
  }
}
