/** 1 in the build with relaxed SIMD, set by the compiler's `--use`. */
export const RELAXED: bool = RELAXED_SIMD != 0
