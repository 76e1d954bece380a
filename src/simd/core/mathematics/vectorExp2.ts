/** Smallest x whose 2^x is computed; below it the result is that of it. */
const LOWEST: f32 = -126
/** 1.5 · 2^23, and float32's bias of exponents: a small number added to it is rounded to a whole one, nearest-even, whose exponent the lowest bits then hold. */
const MAGIC: f32 = 12582912 + 127

/**
 * 2^x of four numbers ≤ 0, within 3e-6 of the result; exactly 1 for 0. Below −126, and for −∞, it is 2^−126; NaN stays NaN.
 * The polynomial, of degree 4 with p(0) = 1, has the smallest largest relative error on [−0.5, 0.5] (Remez).
 */
@inline
export function exp2NotPositive(x: v128): v128 {
  // The pseudo-maximum is one instruction, and passes NaN on in its first operand.
  const bounded = f32x4.pmax(x, f32x4.splat(LOWEST))
  const shifted = f32x4.add(bounded, f32x4.splat(MAGIC))
  const r = f32x4.sub(bounded, f32x4.sub(shifted, f32x4.splat(MAGIC)))
  let p = f32x4.add(f32x4.mul(r, f32x4.splat(0.009582852944731712)), f32x4.splat(0.055906426161527634))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.24024099111557007))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.6931241750717163))
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1))
  return f32x4.mul(p, i32x4.shl(shifted, 23))
}
