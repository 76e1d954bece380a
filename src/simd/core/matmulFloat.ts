import { finishRows } from './finishRows'
import { halfToFloat, loadHalves } from './half'
import { Matrix } from './Matrix'
import { sumLanes } from './lanes'

/** Float32 rows of `x`, `columns` apart, times rows `firstRow` to `endRow` of a 16- or 32-bit matrix. */
export function matmulFloat(matrix: Matrix, x: usize, count: i32, out: usize, stride: i32, firstRow: i32, endRow: i32): void {
  for (let row = firstRow; row < endRow; ++row) {
    for (let token = 0; token < count; ++token) {
      const from = x + ((<usize>token * matrix.columns) << 2)
      const sum = matrix.bits == 16 ? dot(matrix, from, row, 2) : dot(matrix, from, row, 4)
      finishRows(matrix, f32x4.splat(sum), row, 1, out + ((<usize>token * stride) << 2))
    }
  }
}

/** Lane j sums the products of elements j, j + 4, …; the lanes come together at the end. */
@inline
function dot(matrix: Matrix, x: usize, row: i32, size: usize): f32 {
  const columns = matrix.columns
  let weights = matrix.weights + <usize>row * columns * size
  let sums = f32x4.splat(0)
  let left = columns
  for (; left >= 4; left -= 4) {
    const w = size == 2 ? loadHalves(weights) : v128.load(weights)
    sums = f32x4.add(sums, f32x4.mul(w, v128.load(x)))
    weights += size << 2
    x += 16
  }
  if (left > 0) sums = f32x4.replace_lane(sums, 0, f32x4.extract_lane(sums, 0) + product(weights, x, 0, size))
  if (left > 1) sums = f32x4.replace_lane(sums, 1, f32x4.extract_lane(sums, 1) + product(weights, x, 1, size))
  if (left > 2) sums = f32x4.replace_lane(sums, 2, f32x4.extract_lane(sums, 2) + product(weights, x, 2, size))
  return sumLanes(sums)
}

@inline
function product(weights: usize, x: usize, index: usize, size: usize): f32 {
  const weight = size == 2 ? halfToFloat(load<u16>(weights + (index << 1))) : load<f32>(weights + (index << 2))
  return weight * load<f32>(x + (index << 2))
}
