/** Sine and cosine on |r| ≤ π/4 with r = high + low. Formulas: FreeBSD msun (fdlibm), `k_sin.c`, `k_cos.c`. */
@inline
function kernelSin(high: f64, low: f64): f64 {
  const z = high * high
  const v = z * high
  const r =
    8.33333333332248946124e-3 +
    z *
      (-1.98412698298579493134e-4 +
        z * (2.75573137070700676789e-6 + z * (-2.50507602534068634195e-8 + z * 1.58969099521155010221e-10)))
  return high - (z * (0.5 * low - v * r) - low - v * -1.66666666666666324348e-1)
}

@inline
function kernelCos(high: f64, low: f64): f64 {
  const z = high * high
  const r =
    z *
    (4.16666666666666019037e-2 +
      z *
        (-1.38888888888741095749e-3 +
          z *
            (2.48015872894767294178e-5 +
              z * (-2.75573143513906633035e-7 + z * (2.08757232129817482790e-9 + z * -1.13596475577881948265e-11)))))
  const half = 0.5 * z
  const w = 1 - half
  return w + (1 - w - half + (z * r - high * low))
}

/** sin(x + quarters · π/2) in double precision, for |x| < 2^20 (positions times frequencies); beyond it loses precision. */
function turned(x: f64, quarters: i32): f64 {
  // π/2 in two parts, the first with 33 bits, so that n · first is exact: `e_rem_pio2.c`.
  const n = nearest(x * 6.36619772367581382433e-1)
  const rest = x - n * 1.57079632673412561417
  const correction = n * 6.07710050650619224932e-11
  const high = rest - correction
  const low = rest - high - correction
  const quadrant = (<i32>n + quarters) & 3
  const value = quadrant & 1 ? kernelCos(high, low) : kernelSin(high, low)
  return quadrant & 2 ? -value : value
}

/** Sine in double precision for |x| < 2^20. */
export function sin(x: f64): f64 {
  return turned(x, 0)
}

/** Cosine in double precision for |x| < 2^20. */
export function cos(x: f64): f64 {
  return turned(x, 1)
}
