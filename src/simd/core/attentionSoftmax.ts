import { maxLanes, sumLanes } from './lanes'
import { exp2NotPositive } from './mathematics/vectorExp2'
import { tanh4 } from './mathematics/vectorTanh'
import { writeMaximum } from './attentionResult'

const LOG2_E: f32 = 1.44269504088896341

/**
 * One query's dot products with a page's keys into exponentials, in place: 2^(score − the page's largest), 0 for what the query does not see.
 * Scores are in units of ln 2. Their maximum and the sum of the exponentials go into `result`.
 *
 * @param masked whether the query does not see all of these slots, a constant where this is inlined
 * @param scores int32 `[PAGE_TOKENS]`, float32 afterwards
 * @param scale of the query and of attention
 * @param from first slot, a multiple of 8; `to` the one after the last, alike
 * @param first slot that the query sees, `last` the last one
 */
@inline
export function exponentials(masked: bool, scores: usize, keyScales: usize, scale: f32, cap: f32, from: i32, to: i32, first: i32, last: i32, result: usize): void {
  const hidden = f32x4.splat(-Infinity)
  const scales = f32x4.splat(cap !== 0 ? scale / cap : scale * LOG2_E)
  const caps = f32x4.splat(cap * LOG2_E)
  const begin = <usize>from << 2
  const end = <usize>to << 2
  let largest = hidden
  for (let at = begin; at < end; at += 16) {
    let x = f32x4.mul(f32x4.convert_i32x4_s(v128.load(scores + at)), f32x4.mul(v128.load(keyScales + at), scales))
    if (cap !== 0) x = f32x4.mul(tanh4(x), caps)
    if (masked) x = v128.bitselect(x, hidden, seen(at, first, last))
    v128.store(scores + at, x)
    // NaN does not show in the maximum, but in the exponentials.
    largest = f32x4.pmax(largest, x)
  }
  const maximum = maxLanes(largest)
  const maxima = f32x4.splat(maximum)
  let total = f32x4.splat(0)
  for (let at = begin; at < end; at += 16) {
    let e = exp2NotPositive(f32x4.sub(v128.load(scores + at), maxima))
    if (masked) e = v128.and(e, seen(at, first, last))
    total = f32x4.add(total, e)
    v128.store(scores + at, e)
  }
  writeMaximum(result, maximum, sumLanes(total))
}

/** Which of the four slots whose floats lie at `at` the query sees. */
@inline
export function seen(at: usize, first: i32, last: i32): v128 {
  const slots = i32x4.add(i32x4.splat(<i32>(at >> 2)), i32x4(0, 1, 2, 3))
  return v128.and(i32x4.ge_s(slots, i32x4.splat(first)), i32x4.le_s(slots, i32x4.splat(last)))
}
