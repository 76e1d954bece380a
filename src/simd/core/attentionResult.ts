import { exp2NotPositive } from './mathematics/vectorExp2'
import { paddedDim } from './pages'
import { storeRest } from './rest'

/**
 * What a page gives a query: the largest score, the sum of the exponentials, the scale of its weighted values (float32 each, and
 * four bytes of nothing), then these as int32 `[padded]`.
 * Pages are merged into a state of the same form whose sums are float32, one after the other in order of tokens, so that it does not
 * matter who computed which page. Merging of partial softmaxes: https://arxiv.org/abs/1805.02867
 */
const TOTAL: usize = 4
const SCALE: usize = 8
/** Where the sums begin. */
export const RESULT_SUMS: usize = 16

/** Bytes of a page's result for a query, and of a state. */
@inline
export function resultBytes(headDim: i32): usize {
  return RESULT_SUMS + (<usize>paddedDim(headDim) << 2)
}

@inline
export function writeMaximum(result: usize, maximum: f32, total: f32): void {
  store<f32>(result, maximum)
  store<f32>(result, total, TOTAL)
}

@inline
export function writeScale(result: usize, scale: f32): void {
  store<f32>(result, scale, SCALE)
}

/** A state of no pages. */
export function emptyState(state: usize, headDim: i32): void {
  memory.fill(state, 0, resultBytes(headDim))
  writeMaximum(state, -Infinity, 0)
}

/** Adds a page's result to the state of the pages before it. */
export function mergeResult(result: usize, state: usize, headDim: i32): void {
  const maximum = max(load<f32>(state), load<f32>(result))
  const away = f32x4.replace_lane(f32x4.splat(load<f32>(result) - maximum), 0, load<f32>(state) - maximum)
  const factors = exp2NotPositive(away)
  const old = f32x4.extract_lane(factors, 0)
  const own = f32x4.extract_lane(factors, 1)
  writeMaximum(state, maximum, load<f32>(state, TOTAL) * old + load<f32>(result, TOTAL) * own)
  const olds = f32x4.splat(old)
  const owns = f32x4.splat(load<f32>(result, SCALE) * own)
  const end = <usize>paddedDim(headDim) << 2
  for (let at: usize = 0; at < end; at += 16) {
    const sum = f32x4.mul(f32x4.convert_i32x4_s(v128.load(result + at, RESULT_SUMS)), owns)
    v128.store(state + at, f32x4.add(f32x4.mul(v128.load(state + at, RESULT_SUMS), olds), sum), RESULT_SUMS)
  }
}

/** The query's output: the state's sums by its total. */
export function finishState(state: usize, to: usize, headDim: i32): void {
  const totals = f32x4.splat(load<f32>(state, TOTAL))
  for (let i = 0; i < headDim; i += 4) {
    const at = <usize>i << 2
    const x = f32x4.div(v128.load(state + at, RESULT_SUMS), totals)
    if (headDim - i >= 4) v128.store(to + at, x)
    else storeRest(to + at, x, headDim - i)
  }
}
