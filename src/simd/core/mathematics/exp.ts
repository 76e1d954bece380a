/**
 * exp in double precision, within 2 ulp, for results that are normal numbers; below −708 it is 0, above 709.7 ∞.
 * Formula: FreeBSD msun (fdlibm), `e_exp.c`.
 */
export function exp(x: f64): f64 {
  if (isNaN(x)) return x
  if (x > 709.782712893384) return Infinity
  if (x < -708) return 0
  const n = nearest(x * 1.44269504088896338700)
  const high = x - n * 6.93147180369123816490e-1
  const low = n * 1.90821492927058770002e-10
  const r = high - low
  const t = r * r
  const c =
    r -
    t *
      (1.66666666666666019037e-1 +
        t *
          (-2.77777777770155933842e-3 +
            t * (6.61375632143793436117e-5 + t * (-1.65339022054652515390e-6 + t * 4.13813679705723846039e-8))))
  const y = 1 - (low - (r * c) / (2 - c) - high)
  // 2^1024 is no float64: the factor goes in as two halves.
  const whole = <i64>n
  const half = whole >> 1
  return y * power2(half) * power2(whole - half)
}

@inline
function power2(n: i64): f64 {
  return reinterpret<f64>((n + 1023) << 52)
}
