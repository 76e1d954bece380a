/** Largest x whose exp is a finite float32. */
const HIGHEST: f32 = 88.72283
/** Smallest x whose exp is a normal float32; below it the result is 0. */
const LOWEST: f32 = -87.33654
const LOG2_E: f32 = 1.44269504088896341
/** ln 2 in two parts; the first has nine significant bits, so that n · LN2_HIGH is exact. */
const LN2_HIGH: f32 = 0.693359375
const LN2_LOW: f32 = -2.12194440e-4
/** 1.5 · 2^23: a small number added to it is rounded to a whole one, nearest-even, which its lowest bits then hold. */
const MAGIC: f32 = 12582912

/** exp(r) for |r| ≤ ln 2 / 2, and the exponent n beside it: x = n · ln 2 + r. Polynomial: Cephes, `expf.c`. */
@inline
function reduced(x: v128, n: v128): v128 {
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(LN2_HIGH)))
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(LN2_LOW)))
  let p = f32x4.splat(1.9875691500e-4)
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.3981999507e-3))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(8.3334519073e-3))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(4.1665795894e-2))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.6666665459e-1))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(5.0000001201e-1))
  p = f32x4.mul(p, f32x4.mul(r, r))
  return f32x4.add(f32x4.add(p, r), f32x4.splat(1))
}

/**
 * exp of four numbers ≤ 0, within 2 ulp. Below −87.34, and of −∞, it is 0; NaN stays NaN.
 * This is the form of softmax, where the maximum was taken away before.
 */
@inline
export function expNotPositive(x: v128): v128 {
  const floor = f32x4.splat(LOWEST)
  // The pseudo-maximum is one instruction, and passes NaN on in its first operand.
  const bounded = f32x4.pmax(x, floor)
  const magic = f32x4.splat(MAGIC)
  const shifted = f32x4.add(f32x4.mul(bounded, f32x4.splat(LOG2_E)), magic)
  const power = i32x4.shl(i32x4.add(shifted, i32x4.splat(127)), 23)
  const result = f32x4.mul(reduced(bounded, f32x4.sub(shifted, magic)), power)
  return v128.andnot(result, f32x4.lt(x, floor))
}

/** exp of four numbers, within 2 ulp. Below −87.34 it is 0, above 88.72 ∞; NaN stays NaN. */
@inline
export function exp4(x: v128): v128 {
  const floor = f32x4.splat(LOWEST)
  const ceiling = f32x4.splat(HIGHEST)
  const bounded = f32x4.pmin(f32x4.pmax(x, floor), ceiling)
  const magic = f32x4.splat(MAGIC)
  const shifted = f32x4.add(f32x4.mul(bounded, f32x4.splat(LOG2_E)), magic)
  const n = f32x4.sub(shifted, magic)
  const whole = i32x4.sub(shifted, magic)
  // 2^128 is no float32: the factor goes in as two halves.
  const half = i32x4.shr_s(whole, 1)
  const first = i32x4.shl(i32x4.add(half, i32x4.splat(127)), 23)
  const second = i32x4.shl(i32x4.add(i32x4.sub(whole, half), i32x4.splat(127)), 23)
  const result = f32x4.mul(f32x4.mul(reduced(bounded, n), first), second)
  const high = v128.bitselect(f32x4.splat(Infinity), result, f32x4.gt(x, ceiling))
  return v128.andnot(high, f32x4.lt(x, floor))
}
