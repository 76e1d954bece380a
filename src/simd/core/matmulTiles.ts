import { expandScales, expandZeros } from './blockScales'
import { finishRows } from './finishRows'
import { Matrix } from './Matrix'
import { activationBlock, activationBlocks, integerBytes, quantizedRowBytes } from './quantizeRows'
import { tile, TILE_ROWS, TILE_TOKENS } from './tile'
import { touch } from './touch'
import { unpack } from './unpack'

/** Bytes of a tile's sums. */
const SUM_BYTES: usize = TILE_ROWS * TILE_TOKENS * 4

/** Groups of quantized rows times rows `firstRow` to `endRow` of a 4- or 8-bit matrix. */
export function matmulTiles(matrix: Matrix, x: usize, count: i32, out: usize, stride: i32, firstRow: i32, endRow: i32, scratch: usize): void {
  const bytes = quantizedRowBytes(matrix) * TILE_TOKENS
  const marks = integerBytes(matrix) * TILE_TOKENS
  const blocks = <usize>activationBlocks(matrix)
  const scales = scratch + SUM_BYTES
  const zeros = scales + (blocks << 5)
  const weights = zeros + (blocks << 5)
  const rowBytes = <usize>((matrix.columns + matrix.block - 1) / matrix.block) * ((matrix.block * matrix.bits) >> 3)
  const last = endRow - 1
  for (let row = firstRow; row < endRow; row += TILE_ROWS) {
    for (let group = 0; group < 2; ++group) {
      const row0 = min(row + group * 4, last)
      const row1 = min(row0 + 1, last)
      const row2 = min(row0 + 2, last)
      const row3 = min(row0 + 3, last)
      expandScales(matrix, row0, row1, row2, row3, scales + <usize>group * (blocks << 4))
      if (matrix.zeroPoints) expandZeros(matrix, row0, row1, row2, row3, zeros + <usize>group * (blocks << 4))
      unpack(matrix, row0, row1, row2, row3, weights + ((<usize>group) << 4))
    }
    if (row + 2 * TILE_ROWS <= endRow) touch(matrix.weights + <usize>(row + TILE_ROWS) * rowBytes, rowBytes * TILE_ROWS)
    let from = x
    for (let token = 0; token < count; token += TILE_TOKENS) {
      if (matrix.zeroPoints) {
        if (activationBlock(matrix) == 32) tile(matrix, weights, scales, zeros, from, from + marks, scratch, 32, true)
        else tile(matrix, weights, scales, zeros, from, from + marks, scratch, 16, true)
      } else {
        if (activationBlock(matrix) == 32) tile(matrix, weights, scales, zeros, from, from + marks, scratch, 32, false)
        else tile(matrix, weights, scales, zeros, from, from + marks, scratch, 16, false)
      }
      for (let i = 0; i < min(TILE_TOKENS, count - token); ++i) {
        const sums = scratch + ((<usize>i) << 5)
        const to = out + ((<usize>(token + i) * stride) << 2)
        finishRows(matrix, v128.load(sums), row, min(4, endRow - row), to)
        if (endRow - row > 4) finishRows(matrix, v128.load(sums, 16), row + 4, min(4, endRow - row - 4), to)
      }
      from += bytes
    }
  }
}
