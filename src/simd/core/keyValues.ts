import { maxLanes } from './lanes'
import { keyScalesOffset, PAGE_TOKENS, pageHeadOffset, pageOf, valueScalesOffset, valuesOffset } from './pages'
import { LayerPlan, ModelPlan } from './plan'
import { rmsNorm } from './rmsNorm'
import { rotate } from './rotary'
import { loadRest } from './rest'

/** Below this, 32767 / max|x| is no float32; such a vector is kept as zeros. */
const SMALLEST: f32 = 1e-30

/**
 * Queries of `count` tokens, float32 `[count][heads][headDim]`, in place: norm where the layer has one, then rotary.
 * `angles` are those of the tokens (`rotaryAngles`); a layer whose rotary plan is 0 does not turn. Vectors are dealt out to the threads.
 */
export function prepareQueries(plan: ModelPlan, layer: LayerPlan, queries: usize, angles: usize, count: i32, thread: i32, threads: i32): void {
  const heads = plan.heads
  const turns = changetype<usize>(layer.rotary) !== 0
  const angleStep = turns ? <usize>layer.rotary.dimensions << 2 : 0
  const step = <usize>plan.headDim << 2
  for (let i = thread; i < count * heads; i += threads) {
    const x = queries + <usize>i * step
    if (layer.queryNorm) rmsNorm(x, x, layer.queryNorm, plan.headDim, plan.epsilon, plan.normOffset)
    if (turns) rotate(x, layer.rotary, angles + <usize>(i / heads) * angleStep)
  }
}

/**
 * Keys and values of `count` tokens, float32 `[count][keyValueHeads][headDim]`, into their page slots from `position` on.
 * Keys get their norm and rotary first, in place. Vectors are dealt out to the threads.
 */
export function storeKeyValues(plan: ModelPlan, layer: LayerPlan, index: i32, pages: usize, keys: usize, values: usize, angles: usize, position: i32, count: i32, thread: i32, threads: i32): void {
  const heads = plan.keyValueHeads
  const headDim = plan.headDim
  const turns = changetype<usize>(layer.rotary) !== 0
  const angleStep = turns ? <usize>layer.rotary.dimensions << 2 : 0
  const step = <usize>headDim << 2
  for (let i = thread; i < count * heads; i += threads) {
    const head = i % heads
    const token = i / heads
    const key = keys + <usize>i * step
    if (layer.keyNorm) rmsNorm(key, key, layer.keyNorm, headDim, plan.epsilon, plan.normOffset)
    if (turns) rotate(key, layer.rotary, angles + <usize>token * angleStep)
    const at = pageOf(pages, position + token) + pageHeadOffset(index, heads, head, headDim)
    const slot = <usize>((position + token) & (PAGE_TOKENS - 1))
    const vector = at + slot * <usize>headDim * 2
    const scale = at + (slot << 2)
    store<f32>(scale + keyScalesOffset(headDim), quantize(key, headDim, vector))
    store<f32>(scale + valueScalesOffset(headDim), quantize(values + <usize>i * step, headDim, vector + valuesOffset(headDim)))
  }
}

/**
 * A vector as int16, nearest-even of x · (32767 / max|x|); returns its scale max|x| / 32767.
 * NaN or ∞ in x makes the scale NaN or ∞, so that it is not lost.
 */
export function quantize(x: usize, count: i32, to: usize): f32 {
  const whole = count & ~3
  const rest = count & 3
  let largest = f32x4.splat(0)
  for (let i = 0; i < whole; i += 4) largest = f32x4.max(largest, f32x4.abs(v128.load(x + (<usize>i << 2))))
  if (rest) largest = f32x4.max(largest, f32x4.abs(loadRest(x + (<usize>whole << 2), rest)))
  const max = maxLanes(largest)
  const empty = max < SMALLEST
  const factor = f32x4.splat(empty ? 0 : <f32>32767 / max)
  for (let i = 0; i < whole; i += 4) {
    const q = rounded(v128.load(x + (<usize>i << 2)), factor)
    v128.store_lane<u64>(to + (<usize>i << 1), q, 0)
  }
  if (rest) {
    const q = rounded(loadRest(x + (<usize>whole << 2), rest), factor)
    for (let i = 0; i < rest; i++) {
      store<i16>(to + (<usize>(whole + i) << 1), <i16>(i === 0 ? i16x8.extract_lane_s(q, 0) : i === 1 ? i16x8.extract_lane_s(q, 1) : i16x8.extract_lane_s(q, 2)))
    }
  }
  return empty ? 0 : max / <f32>32767
}

/** Four int16 in the low half. */
@inline
function rounded(x: v128, factor: v128): v128 {
  const whole = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(x, factor)))
  return i16x8.narrow_i32x4_s(whole, whole)
}
