import { highHalves, interleaveHigh, interleaveLow, lowHalves } from './lanes'
import { tanh4 } from './mathematics/vectorTanh'

/** Four elements of a key or value as floats, from float32 or int16; `offset` counts elements and is a constant. */
@inline
export function elements(floats: bool, at: usize, offset: usize): v128 {
  if (floats) return v128.load(at + (offset << 2))
  return f32x4.convert_i32x4_s(v128.load_ext<i16>(at + (offset << 1)))
}

/** Adds up each of four dot products in the contract's order, (0 + 2) + (1 + 3), all at once. */
@inline
function addLanesOfFour(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(interleaveLow(a, b), interleaveHigh(a, b))
  const cd = f32x4.add(interleaveLow(c, d), interleaveHigh(c, d))
  return f32x4.add(lowHalves(ab, cd), highHalves(ab, cd))
}

/** Bytes of four dimensions of a quad of query rows. */
export const QUAD_STEP = 64

/**
 * Dot products of up to four query rows with the keys of slots `from` … `to` − 1 (multiples of four).
 * Written as four lanes a slot, `scoreStep` bytes apart; lanes beyond `rows` are 0.
 *
 * @param rows 1 to 4, a constant where this is inlined
 * @param floats whether keys are float32 (converted before, for several quads of rows) or int16
 * @param queries float32 `[padded / 4][4 rows][4]`, zeros after the head's dimensions
 * @param keyStep bytes from a key to the next
 * @param padded the head's dimensions, rounded up to 8: what lies beyond a key is multiplied by 0
 */
@inline
export function dotProducts(rows: i32, floats: bool, queries: usize, keys: usize, keyStep: usize, padded: usize, from: i32, to: i32, scores: usize, scoreStep: usize): void {
  const end = queries + (padded << 4)
  let key = keys + <usize>from * keyStep
  let score = scores + <usize>from * scoreStep
  // So many sums at a time hide the latency of an addition, and fit in the registers.
  const together = rows > 2 ? 2 : 4
  for (let slot = from; slot < to; slot += together) {
    if (rows > 2) twoKeys(rows, floats, queries, end, key, keyStep, score, scoreStep)
    else fourKeys(rows, floats, queries, end, key, keyStep, score, scoreStep)
    key += <usize>together * keyStep
    score += <usize>together * scoreStep
  }
}

@inline
function twoKeys(rows: i32, floats: bool, queries: usize, queriesEnd: usize, key: usize, keyStep: usize, score: usize, scoreStep: usize): void {
  const zero = f32x4.splat(0)
  let a0 = zero
  let a1 = zero
  let a2 = zero
  let a3 = zero
  let b0 = zero
  let b1 = zero
  let b2 = zero
  let b3 = zero
  let a = key
  let b = a + keyStep
  for (let q = queries; q < queriesEnd; q += 128) {
    const aPart0 = elements(floats, a, 0)
    const bPart0 = elements(floats, b, 0)
    const q00 = v128.load(q)
    a0 = f32x4.add(a0, f32x4.mul(q00, aPart0))
    b0 = f32x4.add(b0, f32x4.mul(q00, bPart0))
    if (rows > 1) {
      const q1 = v128.load(q + 16)
      a1 = f32x4.add(a1, f32x4.mul(q1, aPart0))
      b1 = f32x4.add(b1, f32x4.mul(q1, bPart0))
    }
    if (rows > 2) {
      const q2 = v128.load(q + 32)
      a2 = f32x4.add(a2, f32x4.mul(q2, aPart0))
      b2 = f32x4.add(b2, f32x4.mul(q2, bPart0))
    }
    if (rows > 3) {
      const q3 = v128.load(q + 48)
      a3 = f32x4.add(a3, f32x4.mul(q3, aPart0))
      b3 = f32x4.add(b3, f32x4.mul(q3, bPart0))
    }
    const aPart1 = elements(floats, a, 4)
    const bPart1 = elements(floats, b, 4)
    const q01 = v128.load(q + 64)
    a0 = f32x4.add(a0, f32x4.mul(q01, aPart1))
    b0 = f32x4.add(b0, f32x4.mul(q01, bPart1))
    if (rows > 1) {
      const q1 = v128.load(q + 80)
      a1 = f32x4.add(a1, f32x4.mul(q1, aPart1))
      b1 = f32x4.add(b1, f32x4.mul(q1, bPart1))
    }
    if (rows > 2) {
      const q2 = v128.load(q + 96)
      a2 = f32x4.add(a2, f32x4.mul(q2, aPart1))
      b2 = f32x4.add(b2, f32x4.mul(q2, bPart1))
    }
    if (rows > 3) {
      const q3 = v128.load(q + 112)
      a3 = f32x4.add(a3, f32x4.mul(q3, aPart1))
      b3 = f32x4.add(b3, f32x4.mul(q3, bPart1))
    }
    a += floats ? 32 : 16
    b += floats ? 32 : 16
  }
  v128.store(score, addLanesOfFour(a0, a1, a2, a3))
  v128.store(score + scoreStep, addLanesOfFour(b0, b1, b2, b3))
}

@inline
function fourKeys(rows: i32, floats: bool, queries: usize, queriesEnd: usize, key: usize, keyStep: usize, score: usize, scoreStep: usize): void {
  const zero = f32x4.splat(0)
  let a0 = zero
  let a1 = zero
  let b0 = zero
  let b1 = zero
  let c0 = zero
  let c1 = zero
  let d0 = zero
  let d1 = zero
  let a = key
  let b = a + keyStep
  let c = b + keyStep
  let d = c + keyStep
  for (let q = queries; q < queriesEnd; q += 128) {
    const aPart0 = elements(floats, a, 0)
    const bPart0 = elements(floats, b, 0)
    const cPart0 = elements(floats, c, 0)
    const dPart0 = elements(floats, d, 0)
    const q00 = v128.load(q)
    a0 = f32x4.add(a0, f32x4.mul(q00, aPart0))
    b0 = f32x4.add(b0, f32x4.mul(q00, bPart0))
    c0 = f32x4.add(c0, f32x4.mul(q00, cPart0))
    d0 = f32x4.add(d0, f32x4.mul(q00, dPart0))
    if (rows > 1) {
      const q1 = v128.load(q + 16)
      a1 = f32x4.add(a1, f32x4.mul(q1, aPart0))
      b1 = f32x4.add(b1, f32x4.mul(q1, bPart0))
      c1 = f32x4.add(c1, f32x4.mul(q1, cPart0))
      d1 = f32x4.add(d1, f32x4.mul(q1, dPart0))
    }
    const aPart1 = elements(floats, a, 4)
    const bPart1 = elements(floats, b, 4)
    const cPart1 = elements(floats, c, 4)
    const dPart1 = elements(floats, d, 4)
    const q01 = v128.load(q + 64)
    a0 = f32x4.add(a0, f32x4.mul(q01, aPart1))
    b0 = f32x4.add(b0, f32x4.mul(q01, bPart1))
    c0 = f32x4.add(c0, f32x4.mul(q01, cPart1))
    d0 = f32x4.add(d0, f32x4.mul(q01, dPart1))
    if (rows > 1) {
      const q1 = v128.load(q + 80)
      a1 = f32x4.add(a1, f32x4.mul(q1, aPart1))
      b1 = f32x4.add(b1, f32x4.mul(q1, bPart1))
      c1 = f32x4.add(c1, f32x4.mul(q1, cPart1))
      d1 = f32x4.add(d1, f32x4.mul(q1, dPart1))
    }
    a += floats ? 32 : 16
    b += floats ? 32 : 16
    c += floats ? 32 : 16
    d += floats ? 32 : 16
  }
  v128.store(score, addLanesOfFour(a0, a1, zero, zero))
  v128.store(score + scoreStep, addLanesOfFour(b0, b1, zero, zero))
  v128.store(score + 2 * scoreStep, addLanesOfFour(c0, c1, zero, zero))
  v128.store(score + 3 * scoreStep, addLanesOfFour(d0, d1, zero, zero))
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
    // NaN does not show in the maximum, but in the exponentials.
    largest = f32x4.pmax(largest, x)
    at += scoreStep
  }
  return largest
}
