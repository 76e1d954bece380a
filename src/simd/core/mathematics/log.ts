/**
 * Natural logarithm in double precision, within 1 ulp, of numbers that are normal: 0 gives −∞, less NaN, ∞ ∞.
 * Formula: FreeBSD msun (fdlibm), `e_log.c`.
 */
export function log(x: f64): f64 {
  if (x < 2.2250738585072014e-308) return x < 0 ? NaN : -Infinity
  if (!(x < Infinity)) return x
  const bits = reinterpret<i64>(x)
  let exponent = (bits >> 52) - 1023
  let mantissa = reinterpret<f64>((bits & 0x000fffffffffffff) | 0x3ff0000000000000)
  // Around 1: √2/2 … √2.
  if (mantissa > 1.4142135623730951) {
    mantissa *= 0.5
    exponent += 1
  }
  const k = <f64>exponent
  const f = mantissa - 1
  const s = f / (2 + f)
  const z = s * s
  const w = z * z
  const even = w * (3.999999999940941908e-1 + w * (2.222219843214978396e-1 + w * 1.531383769920937332e-1))
  const odd =
    z *
    (6.666666666666735130e-1 +
      w * (2.857142874366239149e-1 + w * (1.818357216161805012e-1 + w * 1.479819860511658591e-1)))
  const halfSquare = 0.5 * f * f
  return (
    k * 6.93147180369123816490e-1 -
    (halfSquare - (s * (halfSquare + (even + odd)) + k * 1.90821492927058770002e-10) - f)
  )
}
