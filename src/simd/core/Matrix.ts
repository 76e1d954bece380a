/**
 * A weight matrix `[rows, columns]` where it lies in memory. The host writes it; all words are 32 bits.
 *
 * `bits` 4 and 8: ONNX Runtime's MatMulNBits layout. Weights are `[rows, blocks, block * bits / 8]`
 * bytes, element 2j of a 4-bit block in the low half of byte j; scales are `[rows, blocks]`; zero points, where there are any,
 * `[rows, ceil(blocks * bits / 8)]` bytes, else the zero is `2^(bits - 1)`. `blocks` is `ceil(columns / block)`.
 * `bits` 16 and 32: plain floats `[rows, columns]`, no scales.
 * Addresses need no alignment.
 * Format: https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md#com.microsoft.MatMulNBits
 */
@unmanaged
export class Matrix {
  rows: i32
  columns: i32
  bits: i32
  block: i32
  weights: usize
  scales: usize
  /** Bits of a scale: 16 or 32. */
  scaleBits: i32
  /** 0: symmetric. */
  zeroPoints: usize
  /** Float32 `[rows]`, or 0. */
  bias: usize
}
