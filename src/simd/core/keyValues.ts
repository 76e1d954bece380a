import { turn } from './hadamard'
import { toIntegers } from './headIntegers'
import { KEY_PAIR_STEP, keyOffset, keyScalesOffset, PAGE_TOKENS, pageAt, pageHeadOffset, pageIndex, VALUE_GROUP_STEP, valueOffset, valueScalesOffset } from './pages'
import { LayerPlan, ModelPlan } from './plan'
import { rmsNorm } from './rmsNorm'
import { rotate } from './rotary'

const LARGEST_VALUE: f32 = 4095
const LARGEST_QUERY: i32 = 4095

/** With it, no dot product of a query and a key passes 32 bits. */
@inline
function largestKey(headDim: i32): f32 {
  return <f32>min(32767, i32.MAX_VALUE / LARGEST_QUERY / headDim)
}

/**
 * Queries of `count` tokens, float32 `[count][heads][headDim]`, in place: norm where the layer has one, rotary, then to integers:
 * each float32 vector becomes int16 `[headDim]` and, right after these, its scale as float32.
 * `angles` are those of the tokens (`rotaryAngles`); a layer whose rotary plan is 0 does not turn. Vectors are dealt out to the threads.
 */
export function prepareQueries(plan: ModelPlan, layer: LayerPlan, queries: usize, angles: usize, count: i32, thread: i32, threads: i32): void {
  const heads = plan.heads
  const step = <usize>plan.headDim << 2
  const vectors = count * heads
  const end = (vectors * (thread + 1)) / threads
  for (let i = (vectors * thread) / threads; i < end; i++) {
    const x = queries + <usize>i * step
    prepare(plan, layer, x, layer.queryNorm, angles, i / heads)
    turn(x, plan.headDim)
    store<f32>(x + queryScaleOffset(plan.headDim), toIntegers(x, plan.headDim, <f32>LARGEST_QUERY))
  }
}

/** Where a query's scale lies behind its integers. */
@inline
export function queryScaleOffset(headDim: i32): usize {
  return <usize>headDim << 1
}

/**
 * Keys and values of `count` tokens, float32 `[count][keyValueHeads][headDim]`, into their page slots from `position` on.
 * Keys get their norm and rotary first; the floats are written over. Vectors are dealt out to the threads.
 */
export function storeKeyValues(plan: ModelPlan, layer: LayerPlan, index: i32, pages: usize, keys: usize, values: usize, angles: usize, position: i32, count: i32, thread: i32, threads: i32): void {
  const heads = plan.keyValueHeads
  const headDim = plan.headDim
  const step = <usize>headDim << 2
  const vectors = count * heads
  const end = (vectors * (thread + 1)) / threads
  for (let i = (vectors * thread) / threads; i < end; i++) {
    const key = keys + <usize>i * step
    const value = values + <usize>i * step
    prepare(plan, layer, key, layer.keyNorm, angles, i / heads)
    turn(key, headDim)
    const token = position + i / heads
    const slot = token & (PAGE_TOKENS - 1)
    const part = pageAt(pages, pageIndex(token)) + pageHeadOffset(index, heads, i % heads, headDim)
    const scale = part + (<usize>slot << 2)
    store<f32>(scale + keyScalesOffset(headDim), toIntegers(key, headDim, largestKey(headDim)))
    storeKey(key, headDim, part + keyOffset(headDim, slot))
    store<f32>(scale + valueScalesOffset(headDim), toIntegers(value, headDim, LARGEST_VALUE))
    storeValue(value, headDim, part + valueOffset(headDim, slot))
  }
}

/** Norm and rotary of one vector of the batch's `token`, in place. */
@inline
function prepare(plan: ModelPlan, layer: LayerPlan, x: usize, norm: usize, angles: usize, token: i32): void {
  if (norm) rmsNorm(x, x, norm, plan.headDim, plan.epsilon, plan.normOffset)
  const rotary = layer.rotary
  if (changetype<usize>(rotary) !== 0) rotate(x, rotary, angles + <usize>(token * rotary.dimensions) * 4)
}

/** Pairs of dimensions, among those of seven other slots. */
function storeKey(integers: usize, headDim: i32, to: usize): void {
  for (let i = 0; i < headDim; i += 2) {
    store<u32>(to, load<u32>(integers + (<usize>i << 1)))
    to += KEY_PAIR_STEP
  }
}

/** Single dimensions, each beside that of one other slot. */
function storeValue(integers: usize, headDim: i32, to: usize): void {
  for (let i = 0; i < headDim; i++) {
    store<u16>(to + <usize>(i >> 3) * VALUE_GROUP_STEP + <usize>((i & 7) << 2), load<u16>(integers + (<usize>i << 1)))
  }
}
