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
 * @param sums float32 `[padded / 4][4 rows][4]`
 * @param valueStep bytes from a value to the next
 * @param padded the head's dimensions, rounded up to 8; what lies beyond a value goes where nobody reads
 */
@inline
export function weightedValues(rows: i32, floats: bool, sums: usize, values: usize, valueStep: usize, padded: usize, from: i32, to: i32, factors: usize, factorStep: usize): void {
  const sumsEnd = sums + (padded << 4)
  const factor = factors + <usize>from * factorStep
  let value = values + <usize>from * valueStep
  const length = <usize>(to - from) * valueStep
  let sum = sums
  if (rows <= 2) {
    for (; sum + 256 <= sumsEnd; sum += 256) {
      sixteenElements(rows, floats, sum, value, valueStep, value + length, factor, factorStep)
      value += floats ? 64 : 32
    }
  }
  for (; sum < sumsEnd; sum += 128) {
    eightElements(rows, floats, sum, value, valueStep, value + length, factor, factorStep)
    value += floats ? 32 : 16
  }
}

@inline
function eightElements(rows: i32, floats: bool, sums: usize, values: usize, valueStep: usize, valuesEnd: usize, factors: usize, factorStep: usize): void {
  let a0 = v128.load(sums)
  let b0 = v128.load(sums + 64)
  let a1 = rows > 1 ? v128.load(sums + 16) : f32x4.splat(0)
  let b1 = rows > 1 ? v128.load(sums + 80) : f32x4.splat(0)
  let a2 = rows > 2 ? v128.load(sums + 32) : f32x4.splat(0)
  let b2 = rows > 2 ? v128.load(sums + 96) : f32x4.splat(0)
  let a3 = rows > 3 ? v128.load(sums + 48) : f32x4.splat(0)
  let b3 = rows > 3 ? v128.load(sums + 112) : f32x4.splat(0)
  let factor = factors
  for (let value = values; value < valuesEnd; value += valueStep) {
    const a = elements(floats, value, 0)
    const b = elements(floats, value, 4)
    const f0 = v128.load_splat<f32>(factor)
    a0 = f32x4.add(a0, f32x4.mul(f0, a))
    b0 = f32x4.add(b0, f32x4.mul(f0, b))
    if (rows > 1) {
      const f1 = v128.load_splat<f32>(factor + 4)
      a1 = f32x4.add(a1, f32x4.mul(f1, a))
      b1 = f32x4.add(b1, f32x4.mul(f1, b))
    }
    if (rows > 2) {
      const f2 = v128.load_splat<f32>(factor + 8)
      a2 = f32x4.add(a2, f32x4.mul(f2, a))
      b2 = f32x4.add(b2, f32x4.mul(f2, b))
    }
    if (rows > 3) {
      const f3 = v128.load_splat<f32>(factor + 12)
      a3 = f32x4.add(a3, f32x4.mul(f3, a))
      b3 = f32x4.add(b3, f32x4.mul(f3, b))
    }
    factor += factorStep
  }
  v128.store(sums, a0)
  v128.store(sums + 64, b0)
  if (rows > 1) {
    v128.store(sums + 16, a1)
    v128.store(sums + 80, b1)
  }
  if (rows > 2) {
    v128.store(sums + 32, a2)
    v128.store(sums + 96, b2)
  }
  if (rows > 3) {
    v128.store(sums + 48, a3)
    v128.store(sums + 112, b3)
  }
}

@inline
function sixteenElements(rows: i32, floats: bool, sums: usize, values: usize, valueStep: usize, valuesEnd: usize, factors: usize, factorStep: usize): void {
  let a0 = v128.load(sums)
  let b0 = v128.load(sums + 64)
  let c0 = v128.load(sums + 128)
  let d0 = v128.load(sums + 192)
  let a1 = rows > 1 ? v128.load(sums + 16) : f32x4.splat(0)
  let b1 = rows > 1 ? v128.load(sums + 80) : f32x4.splat(0)
  let c1 = rows > 1 ? v128.load(sums + 144) : f32x4.splat(0)
  let d1 = rows > 1 ? v128.load(sums + 208) : f32x4.splat(0)
  let factor = factors
  for (let value = values; value < valuesEnd; value += valueStep) {
    const a = elements(floats, value, 0)
    const b = elements(floats, value, 4)
    const c = elements(floats, value, 8)
    const d = elements(floats, value, 12)
    const f0 = v128.load_splat<f32>(factor)
    a0 = f32x4.add(a0, f32x4.mul(f0, a))
    b0 = f32x4.add(b0, f32x4.mul(f0, b))
    c0 = f32x4.add(c0, f32x4.mul(f0, c))
    d0 = f32x4.add(d0, f32x4.mul(f0, d))
    if (rows > 1) {
      const f1 = v128.load_splat<f32>(factor + 4)
      a1 = f32x4.add(a1, f32x4.mul(f1, a))
      b1 = f32x4.add(b1, f32x4.mul(f1, b))
      c1 = f32x4.add(c1, f32x4.mul(f1, c))
      d1 = f32x4.add(d1, f32x4.mul(f1, d))
    }
    factor += factorStep
  }
  v128.store(sums, a0)
  v128.store(sums + 64, b0)
  v128.store(sums + 128, c0)
  v128.store(sums + 192, d0)
  if (rows > 1) {
    v128.store(sums + 16, a1)
    v128.store(sums + 80, b1)
    v128.store(sums + 144, c1)
    v128.store(sums + 208, d1)
  }
}
