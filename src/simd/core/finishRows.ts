import { Matrix } from './Matrix'
import { storeRest } from './rest'

/** Adds the bias to the sums of rows `row` and following and writes the first `count` (1 to 4) of them to `out[row …]`. */
@inline
export function finishRows(matrix: Matrix, sums: v128, row: i32, count: i32, out: usize): void {
  const at = out + ((<usize>row) << 2)
  if (count == 4) {
    v128.store(at, matrix.bias == 0 ? sums : f32x4.add(sums, v128.load(matrix.bias + ((<usize>row) << 2))))
  } else {
    finishFew(matrix, sums, row, count, at)
  }
}

function finishFew(matrix: Matrix, sums: v128, row: i32, count: i32, at: usize): void {
  storeRest(at, sums, count)
  if (matrix.bias == 0) return
  for (let i = 0; i < count; ++i) {
    const value = at + ((<usize>i) << 2)
    store<f32>(value, load<f32>(value) + load<f32>(matrix.bias + ((<usize>(row + i)) << 2)))
  }
}
