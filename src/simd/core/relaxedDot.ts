/**
 * Adds to each lane of `sum` the products of its four bytes of `x` (signed) and `weights`. Of the results that the standard
 * allows to differ, none can come up while `weights` are 0 to 127 and four products fit into 16 bits: here weights are 0 to 15.
 * Source: https://github.com/WebAssembly/relaxed-simd/blob/main/proposals/relaxed-simd/Overview.md
 */
@inline
export function dotAdd(x: v128, weights: v128, sum: v128): v128 {
  return i32x4.relaxed_dot_i8x16_i7x16_add_s(x, weights, sum)
}
