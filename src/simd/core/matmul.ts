import { Matrix } from './Matrix'
import { matmulFloat } from './matmulFloat'
import { matmulTiles } from './matmulTiles'
import { matvec4 } from './matvec4'
import { matvec8 } from './matvec8'
import { activationBlock, activationBlocks, FEW_TOKENS, quantizedRowBytes } from './quantizeRows'

/** Rows that few tokens take in turns: their weights stay in the nearest cache meanwhile. */
const FEW_ROWS = 32

/** Bytes of scratch that one thread needs for `matmul` with this matrix. */
export function matmulScratchBytes(matrix: Matrix): usize {
  if (matrix.bits >= 16) return 0
  return 128 + <usize>activationBlocks(matrix) * (64 + 16 * activationBlock(matrix))
}

/**
 * `out[token · stride + row] = Σ x[token] · matrix[row] + bias[row]` for `count` tokens and rows `firstRow` to `endRow`
 * (exclusive). `x` holds what `quantizeRows` made of `count` rows for 4- and 8-bit matrices, float32 rows `[count, columns]` for others. A
 * sum does not depend on `count`, nor on how rows are split. `scratch` is the calling thread's own.
 */
export function matmul(matrix: Matrix, x: usize, count: i32, out: usize, stride: i32, firstRow: i32, endRow: i32, scratch: usize): void {
  if (matrix.bits >= 16) matmulFloat(matrix, x, count, out, stride, firstRow, endRow)
  else if (count > FEW_TOKENS) matmulTiles(matrix, x, count, out, stride, firstRow, endRow, scratch)
  else if (count == 1) matvec(matrix, x, out, firstRow, endRow, scratch)
  else matmulFew(matrix, x, count, out, stride, firstRow, endRow, scratch)
}

function matmulFew(matrix: Matrix, x: usize, count: i32, out: usize, stride: i32, firstRow: i32, endRow: i32, scratch: usize): void {
  const bytes = quantizedRowBytes(matrix)
  for (let row = firstRow; row < endRow; row += FEW_ROWS) {
    for (let token = 0; token < count; ++token) {
      matvec(matrix, x + <usize>token * bytes, out + ((<usize>token * stride) << 2), row, min(row + FEW_ROWS, endRow), scratch)
    }
  }
}

function matvec(matrix: Matrix, x: usize, out: usize, firstRow: i32, endRow: i32, scratch: usize): void {
  if (matrix.bits == 4) matvec4(matrix, x, out, firstRow, endRow, scratch)
  else matvec8(matrix, x, out, firstRow, endRow, scratch)
}
