import { seen } from './attentionSoftmax'
import { maxLanes } from './lanes'
import { QUAD_PAIR_STEP } from './multiplyColumns'

/** With it, a page's sum of weighted values, integers up to 4095, does not pass 32 bits. */
const LARGEST_WEIGHT: f32 = 8191
/** Below this, 8191 / x is no float32; such weights count as zeros. */
const SMALLEST: f32 = 1e-30
/** 1.5 · 2^23: a small number added to it is rounded to a whole one, nearest-even. */
const MAGIC: f32 = 12582912

/** Scales of the slots `from` … `to` − 1 (multiples of 4), 0 outside of `first` … `last`, whatever lies there. */
export function seenScales(scales: usize, from: i32, to: i32, first: i32, last: i32, out: usize): void {
  const end = <usize>to << 2
  for (let at = <usize>from << 2; at < end; at += 16) v128.store(out + at, v128.and(v128.load(scales + at), seen(at, first, last)))
}

/**
 * Makes exponentials of one row's slots `from` … `to` − 1 (multiples of 8) into weights of the stored values: times the value's scale,
 * then int16, nearest-even of w · (8191 / the largest of them). Returns the weights' scale; NaN or ∞ where one is.
 *
 * @param exponentials float32, written over
 * @param weights pairs of int16, `QUAD_PAIR_STEP` apart
 */
export function writeWeights(exponentials: usize, valueScales: usize, from: i32, to: i32, weights: usize): f32 {
  const begin = <usize>from << 2
  const end = <usize>to << 2
  let most = f32x4.splat(0)
  for (let at = begin; at < end; at += 16) {
    const weight = f32x4.mul(v128.load(exponentials + at), v128.load(valueScales + at))
    most = f32x4.max(most, weight)
    v128.store(exponentials + at, weight)
  }
  const max = maxLanes(most)
  const empty = max < SMALLEST
  const factor = f32x4.splat(empty ? 0 : LARGEST_WEIGHT / max)
  const magic = f32x4.splat(MAGIC)
  let pair = weights + <usize>(from >> 1) * QUAD_PAIR_STEP
  for (let at = begin; at < end; at += 32) {
    const a = i32x4.sub(f32x4.add(f32x4.mul(v128.load(exponentials + at), factor), magic), magic)
    const b = i32x4.sub(f32x4.add(f32x4.mul(v128.load(exponentials + at, 16), factor), magic), magic)
    const whole = i16x8.narrow_i32x4_s(a, b)
    v128.store_lane<u32>(pair, whole, 0)
    v128.store_lane<u32>(pair, whole, 1, QUAD_PAIR_STEP)
    v128.store_lane<u32>(pair, whole, 2, 2 * QUAD_PAIR_STEP)
    v128.store_lane<u32>(pair, whole, 3, 3 * QUAD_PAIR_STEP)
    pair += 4 * QUAD_PAIR_STEP
  }
  return empty ? 0 : max / LARGEST_WEIGHT
}
