import { expNotPositive } from './mathematics/vectorExp'
import { log } from './mathematics/log'
import { maxLanes } from './lanes'
import { loadRest, storeRest } from './rest'

/** What `argmax` and `topK` return instead of an index or a number of them. */
export const NOT_A_NUMBER = -1
export const NOTHING_ALLOWED = -2

/** Four logits from `i` on; those beyond `count` and those that the mask forbids are −∞. */
@inline
function allowed(logits: usize, i: i32, count: i32, mask: usize): v128 {
  const hidden = f32x4.splat(-Infinity)
  const at = logits + (<usize>i << 2)
  const left = count - i
  let x = left >= 4 ? v128.load(at) : v128.bitselect(loadRest(at, left), hidden, i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(left)))
  if (mask) {
    const lanes = i32x4(1, 2, 4, 8)
    const bits = i32x4.splat(load<u32>(mask + (<usize>(i >> 5) << 2)) >>> (i & 31))
    x = v128.bitselect(x, hidden, i32x4.eq(v128.and(bits, lanes), lanes))
  }
  return x
}

/** Whether a mask forbids all 32 tokens from `i` on. */
@inline
function forbidsAll(mask: usize, i: i32): bool {
  return mask !== 0 && (i & 31) === 0 && load<u32>(mask + (<usize>(i >> 5) << 2)) === 0
}

/**
 * Index of the largest of `count` logits, the lowest one where several are.
 * @param mask grammar bitmask, `ceil(count / 32)` int32 words, token i in bit `i & 31` of word `i >> 5`, set where it is allowed; 0: none
 * @returns NOT_A_NUMBER where an allowed logit is NaN, NOTHING_ALLOWED where none is above −∞.
 */
export function argmax(logits: usize, count: i32, mask: usize): i32 {
  let largest = f32x4.splat(-Infinity)
  for (let i = 0; i < count; i += 4) {
    if (forbidsAll(mask, i)) i += 28
    else largest = f32x4.max(largest, allowed(logits, i, count, mask))
  }
  const max = maxLanes(largest)
  if (isNaN(max)) return NOT_A_NUMBER
  if (max === -Infinity) return NOTHING_ALLOWED
  const wanted = f32x4.splat(max)
  for (let i = 0; i < count; i += 4) {
    if (forbidsAll(mask, i)) {
      i += 28
      continue
    }
    const found = i32x4.bitmask(f32x4.eq(allowed(logits, i, count, mask), wanted))
    if (found) return i + ctz(found)
  }
  return NOTHING_ALLOWED
}

/**
 * The `most` largest logits, largest first, the lower index first among equals.
 * @param mask as `argmax` takes it
 * @param indices int32 `[most]`
 * @param values float32 `[most]`
 * @returns how many there are (tokens at −∞ do not count), or NOT_A_NUMBER.
 */
export function topK(logits: usize, count: i32, most: i32, mask: usize, indices: usize, values: usize): i32 {
  let length = 0
  let bar = f32x4.splat(-Infinity)
  let broken = i32x4.splat(0)
  for (let i = 0; i < count; i += 4) {
    if (forbidsAll(mask, i)) {
      i += 28
      continue
    }
    const x = allowed(logits, i, count, mask)
    broken = v128.or(broken, f32x4.ne(x, x))
    let better = i32x4.bitmask(f32x4.gt(x, bar))
    while (better) {
      const index = i + ctz(better)
      better &= better - 1
      const value = load<f32>(logits + (<usize>index << 2))
      // The bar may have risen since.
      if (length === most && !(value > load<f32>(values + (<usize>(most - 1) << 2)))) continue
      if (length < most) length++
      insert(indices, values, length, index, value)
      if (length === most) bar = v128.load_splat<f32>(values + (<usize>(most - 1) << 2))
    }
  }
  return v128.any_true(broken) ? NOT_A_NUMBER : length
}

/** Puts a value where it belongs among the first `length`, whose last one goes. */
@inline
function insert(indices: usize, values: usize, length: i32, index: i32, value: f32): void {
  let at = <usize>(length - 1) << 2
  for (; at > 0 && value > load<f32>(values + at - 4); at -= 4) {
    store<f32>(values + at, load<f32>(values + at - 4))
    store<i32>(indices + at, load<i32>(indices + at - 4))
  }
  store<f32>(values + at, value)
  store<i32>(indices + at, index)
}

/** Sets the logits that the mask forbids to −∞. */
export function maskLogits(logits: usize, count: i32, mask: usize): void {
  for (let i = 0; i < count; i += 4) {
    const x = allowed(logits, i, count, mask)
    const at = logits + (<usize>i << 2)
    if (count - i >= 4) v128.store(at, x)
    else storeRest(at, x, count - i)
  }
}

@inline
function largestOf(logits: usize, count: i32): f32 {
  let largest = f32x4.splat(-Infinity)
  for (let i = 0; i < count; i += 4) largest = f32x4.max(largest, allowed(logits, i, count, 0))
  return maxLanes(largest)
}

/**
 * log Σ exp(logit): a token's log-probability is its logit less this. NaN where a logit is NaN or none is above −∞.
 * The sum runs in four lanes of double precision: of hundreds of thousands of terms, float32 would lose the small ones.
 */
export function logSumExp(logits: usize, count: i32): f64 {
  const max = largestOf(logits, count)
  const maxima = f32x4.splat(max)
  let low = f64x2.splat(0)
  let high = f64x2.splat(0)
  for (let i = 0; i < count; i += 4) {
    const e = expNotPositive(f32x4.sub(allowed(logits, i, count, 0), maxima))
    low = f64x2.add(low, f64x2.promote_low_f32x4(e))
    high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<f32>(e, e, 2, 3, 2, 3)))
  }
  const sum = f64x2.add(low, high)
  return <f64>max + log(f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1))
}

/** Probabilities exp(logit / temperature) / Σ, at `output`, which may be the logits. NaN as in `logSumExp`. */
export function softmax(logits: usize, output: usize, count: i32, temperature: f32): void {
  const maxima = f32x4.splat(largestOf(logits, count))
  const temperatures = f32x4.splat(temperature)
  let low = f64x2.splat(0)
  let high = f64x2.splat(0)
  for (let i = 0; i < count; i += 4) {
    const e = expNotPositive(f32x4.div(f32x4.sub(allowed(logits, i, count, 0), maxima), temperatures))
    low = f64x2.add(low, f64x2.promote_low_f32x4(e))
    high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<f32>(e, e, 2, 3, 2, 3)))
    put(output, i, count, e)
  }
  const sum = f64x2.add(low, high)
  const sums = f32x4.splat(<f32>(f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1)))
  for (let i = 0; i < count; i += 4) put(output, i, count, f32x4.div(allowed(output, i, count, 0), sums))
}

@inline
function put(output: usize, i: i32, count: i32, x: v128): void {
  const at = output + (<usize>i << 2)
  if (count - i >= 4) v128.store(at, x)
  else storeRest(at, x, count - i)
}
