import { maxLanes } from './lanes'
import { loadRest } from './rest'

/** Below this, `largest` / max|x| is no float32; such a vector is kept as zeros. */
const SMALLEST: f32 = 1e-30

/**
 * A float32 vector as int16 in its own place: nearest-even of x · (largest / max|x|); returns its scale max|x| / largest.
 * What follows up to the next multiple of four becomes 0. NaN or ∞ in x makes the scale NaN or ∞, so that it is not lost.
 *
 * @param count at least 2
 */
export function toIntegers(x: usize, count: i32, largest: f32): f32 {
  const whole = count & ~3
  const rest = count & 3
  let most = f32x4.splat(0)
  for (let i = 0; i < whole; i += 4) most = f32x4.max(most, f32x4.abs(v128.load(x + (<usize>i << 2))))
  if (rest) most = f32x4.max(most, f32x4.abs(loadRest(x + (<usize>whole << 2), rest)))
  const max = maxLanes(most)
  const empty = max < SMALLEST
  const factor = f32x4.splat(empty ? 0 : largest / max)
  // What is written is never beyond what was read.
  for (let i = 0; i < whole; i += 4) {
    v128.store_lane<u64>(x + (<usize>i << 1), rounded(v128.load(x + (<usize>i << 2)), factor), 0)
  }
  if (rest) v128.store_lane<u64>(x + (<usize>whole << 1), rounded(loadRest(x + (<usize>whole << 2), rest), factor), 0)
  return empty ? 0 : max / largest
}

/** Four int16 in the low half. */
@inline
function rounded(x: v128, factor: v128): v128 {
  const whole = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(x, factor)))
  return i16x8.narrow_i32x4_s(whole, whole)
}
