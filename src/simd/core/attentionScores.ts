import { highHalves, interleaveHigh, interleaveLow, lowHalves } from './lanes'
import { tanh4 } from './mathematics/vectorTanh'

/** Four elements of a key or value as floats: of float32, or converted from int16. `at` counts elements. */
@inline
export function elements(floats: bool, vector: usize, at: usize): v128 {
  return floats ? v128.load(vector + (at << 2)) : f32x4.convert_i32x4_s(v128.load_ext<i16>(vector + (at << 1)))
}

/** Adds up each of four dot products in the contract's order, (0 + 2) + (1 + 3), all at once. */
@inline
function addLanesOfFour(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(interleaveLow(a, b), interleaveHigh(a, b))
  const cd = f32x4.add(interleaveLow(c, d), interleaveHigh(c, d))
  return f32x4.add(lowHalves(ab, cd), highHalves(ab, cd))
}

/**
 * Dot products of up to four query rows with the keys of slots `from` … `to` − 1 (even numbers), two keys at a time.
 * Written as four lanes a slot, `scoreStep` bytes apart; lanes beyond `rows` are 0.
 *
 * @param rows 1 to 4, a constant where this is inlined
 * @param floats whether keys are float32 (converted before, for several quads of rows) or int16
 * @param queries float32 `[rows][padded]`, zeros after the head's dimensions
 * @param keyStep bytes from a key to the next
 * @param padded the head's dimensions, rounded up to 8: what lies beyond a key is multiplied by 0
 */
@inline
export function dotProducts(rows: i32, floats: bool, queries: usize, keys: usize, keyStep: usize, padded: usize, from: i32, to: i32, scores: usize, scoreStep: usize): void {
  const step = padded << 2
  const second = queries + step
  const third = second + step
  const fourth = third + step
  let key = keys + <usize>from * keyStep
  let score = scores + <usize>from * scoreStep
  const zero = f32x4.splat(0)
  for (let slot = from; slot < to; slot += 2) {
    const next = key + keyStep
    let a0 = zero
    let a1 = zero
    let a2 = zero
    let a3 = zero
    let b0 = zero
    let b1 = zero
    let b2 = zero
    let b3 = zero
    for (let i: usize = 0; i < padded; i += 4) {
      const a = elements(floats, key, i)
      const b = elements(floats, next, i)
      const at = i << 2
      const q0 = v128.load(queries + at)
      a0 = f32x4.add(a0, f32x4.mul(q0, a))
      b0 = f32x4.add(b0, f32x4.mul(q0, b))
      if (rows > 1) {
        const q1 = v128.load(second + at)
        a1 = f32x4.add(a1, f32x4.mul(q1, a))
        b1 = f32x4.add(b1, f32x4.mul(q1, b))
      }
      if (rows > 2) {
        const q2 = v128.load(third + at)
        a2 = f32x4.add(a2, f32x4.mul(q2, a))
        b2 = f32x4.add(b2, f32x4.mul(q2, b))
      }
      if (rows > 3) {
        const q3 = v128.load(fourth + at)
        a3 = f32x4.add(a3, f32x4.mul(q3, a))
        b3 = f32x4.add(b3, f32x4.mul(q3, b))
      }
    }
    v128.store(score, addLanesOfFour(a0, a1, a2, a3))
    v128.store(score + scoreStep, addLanesOfFour(b0, b1, b2, b3))
    key = next + keyStep
    score += scoreStep << 1
  }
}

/**
 * Makes dot products of four rows into scores, in place, and returns the running maximum:
 * times the key's scale and the attention's, capped where `cap` is not 0, −∞ where a row does not see the token.
 *
 * @param keyScales of slot 0
 * @param token of slot 0
 * @param first first token that each row sees (int32 × 4)
 * @param last last token that each row sees
 */
@inline
export function finishScores(scores: usize, scoreStep: usize, keyScales: usize, scale: f32, cap: f32, token: i32, from: i32, to: i32, first: v128, last: v128, maximum: v128): v128 {
  const hidden = f32x4.splat(-Infinity)
  let largest = maximum
  let at = scores + <usize>from * scoreStep
  for (let slot = from; slot < to; slot++) {
    let x = f32x4.mul(v128.load(at), f32x4.splat(load<f32>(keyScales + (<usize>slot << 2)) * scale))
    if (cap !== 0) x = f32x4.mul(tanh4(f32x4.div(x, f32x4.splat(cap))), f32x4.splat(cap))
    const now = i32x4.splat(token + slot)
    const seen = v128.and(i32x4.ge_s(now, first), i32x4.le_s(now, last))
    x = v128.bitselect(x, hidden, seen)
    v128.store(at, x)
    largest = f32x4.max(largest, x)
    at += scoreStep
  }
  return largest
}
