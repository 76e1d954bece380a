/**
 * Version of the arithmetic: goes up whenever any model's logits change in any bit. What it fixes is in `docs/simd-numerics.md`;
 * `test/fixtures/simd/vectors.json` is made anew with it.
 */
export const NUMERICS_VERSION: i32 = 2
