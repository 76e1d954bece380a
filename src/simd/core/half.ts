import { lowWithZeros } from './lanes'

/**
 * Half to single precision, exact for every finite value: sign, exponent and fraction are moved to their places in a
 * float, and the difference of the exponents' biases (127 − 15) is made up by a product, which also normalizes
 * subnormal halves. Infinities and NaN, which no weight file may hold, become finite (65536 and more).
 */
@inline
export function halfToFloat(half: u32): f32 {
  return reinterpret<f32>(((half & 0x8000) << 16) | ((half & 0x7fff) << 13)) * reinterpret<f32>(0x77800000)
}

/** Four halves, in the upper 16 bits of each lane, as four floats. */
@inline
export function upperHalvesToFloats(halves: v128): v128 {
  const moved = v128.and(i32x4.shr_s(halves, 3), i32x4.splat(0x8fffe000))
  return f32x4.mul(moved, f32x4.splat(reinterpret<f32>(0x77800000)))
}

/** Four halves at `address` as four floats. */
@inline
export function loadHalves(address: usize): v128 {
  return upperHalvesToFloats(lowWithZeros(v128.load64_zero(address)))
}

/** `count` halves at `from` as floats at `to`. */
export function halvesToFloats(from: usize, to: usize, count: i32): void {
  let i = 0
  for (; i + 4 <= count; i += 4) v128.store(to + ((<usize>i) << 2), loadHalves(from + ((<usize>i) << 1)))
  for (; i < count; ++i) store<f32>(to + ((<usize>i) << 2), halfToFloat(load<u16>(from + ((<usize>i) << 1))))
}
