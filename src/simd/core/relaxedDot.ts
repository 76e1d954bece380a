/**
 * Each 16-bit lane: the products of its two bytes of `x` (signed) and `weights`, added. Of the results that the standard
 * lets engines choose, none can come up while `weights` are 0 to 127 and two products fit into 16 bits: here weights are 0 to 15.
 * A lane has room for the sum of sixteen such products.
 * Source: https://github.com/WebAssembly/relaxed-simd/blob/main/proposals/relaxed-simd/Overview.md
 */
@inline
export function dots(x: v128, weights: v128): v128 {
  return v128.relaxed_dot<i16>(x, weights)
}

/** `sums + dots(x, weights)`. */
@inline
export function addDots(sums: v128, x: v128, weights: v128): v128 {
  return i16x8.add(sums, dots(x, weights))
}
