/**
 * Converts IEEE 754 half-precision bits to numbers.
 * @param bits one half per element.
 * @param target takes the numbers; at least as long as `bits`.
 */
export function halfToFloat(bits: Uint16Array, target: Float32Array): void {
  for (let i = 0; i < bits.length; i++) {
    const half = bits[i]!
    const sign = half & 0x8000 ? -1 : 1
    const exponent = (half >> 10) & 0x1f
    const fraction = half & 0x3ff
    if (exponent === 0x1f) target[i] = fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
    else if (exponent === 0) target[i] = sign * fraction * 2 ** -24
    else target[i] = sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
  }
}
