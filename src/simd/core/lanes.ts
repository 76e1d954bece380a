/** Movements of lanes, each one machine instruction on x64. */

/** a0 b0 a1 b1 of 32-bit lanes. */
@inline
export function interleaveLow(a: v128, b: v128): v128 {
  return i32x4.shuffle(a, b, 0, 4, 1, 5)
}

/** a2 b2 a3 b3 of 32-bit lanes. */
@inline
export function interleaveHigh(a: v128, b: v128): v128 {
  return i32x4.shuffle(a, b, 2, 6, 3, 7)
}

/** a0 a1 b0 b1 of 32-bit lanes. */
@inline
export function lowHalves(a: v128, b: v128): v128 {
  return i64x2.shuffle(a, b, 0, 2)
}

/** a2 a3 b2 b3 of 32-bit lanes. */
@inline
export function highHalves(a: v128, b: v128): v128 {
  return i64x2.shuffle(a, b, 1, 3)
}

/** The lower four 16-bit lanes as the upper parts of 32-bit lanes. */
@inline
export function lowWithZeros(a: v128): v128 {
  return i16x8.shuffle(i32x4.splat(0), a, 0, 8, 1, 9, 2, 10, 3, 11)
}

/** The upper four 16-bit lanes as the upper parts of 32-bit lanes. */
@inline
export function highWithZeros(a: v128): v128 {
  return i16x8.shuffle(i32x4.splat(0), a, 4, 12, 5, 13, 6, 14, 7, 15)
}

/** a0 b0 a1 b1 a2 b2 a3 b3 of 16-bit lanes. */
@inline
export function interleaveHalves(a: v128, b: v128): v128 {
  return i16x8.shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
}

/** Sums of the 32-bit lanes of a, b, c and d, as one vector. */
@inline
export function sumOfEach(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(interleaveLow(a, b), interleaveHigh(a, b))
  const cd = i32x4.add(interleaveLow(c, d), interleaveHigh(c, d))
  return i32x4.add(lowHalves(ab, cd), highHalves(ab, cd))
}

/** Sum of the four float lanes in the order (0 + 2) + (1 + 3). */
@inline
export function sumLanes(a: v128): f32 {
  const pairs = f32x4.add(a, highHalves(a, a))
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1)
}

/** The largest of four lanes; NaN if one is. */
@inline
export function maxLanes(x: v128): f32 {
  const two = f32x4.max(x, highHalves(x, x))
  return f32x4.extract_lane(f32x4.max(two, i32x4.shuffle(two, two, 1, 0, 3, 2)), 0)
}
