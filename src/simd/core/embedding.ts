import { loadScale, zeroPoint } from './blockScales'
import { halfToFloat } from './half'
import { Matrix } from './Matrix'

/** One row of a table of 4-, 8-, 16- or 32-bit weights as float32, times `factor`, at `output`. */
export function embed(table: Matrix, row: i32, output: usize, factor: f32): void {
  const columns = table.columns
  if (table.bits === 32) {
    const from = table.weights + (<usize>row * <usize>columns << 2)
    for (let i = 0; i < columns; i++) put(output, i, load<f32>(from + (<usize>i << 2)) * factor)
  } else if (table.bits === 16) {
    const from = table.weights + (<usize>row * <usize>columns << 1)
    for (let i = 0; i < columns; i++) put(output, i, halfToFloat(load<u16>(from + (<usize>i << 1))) * factor)
  } else {
    embedBlocks(table, row, output, factor)
  }
}

/** (weight − zero) · scale, block by block. */
function embedBlocks(table: Matrix, row: i32, output: usize, factor: f32): void {
  const columns = table.columns
  const blocks = (columns + table.block - 1) / table.block
  const blockBytes = <usize>((table.block * table.bits) >> 3)
  const scaleBytes = <usize>(table.scaleBits >> 3)
  const first = <usize>row * <usize>blocks
  for (let block = 0; block < blocks; block++) {
    const from = table.weights + (first + <usize>block) * blockBytes
    const scale = loadScale(table.scales + (first + <usize>block) * scaleBytes, scaleBytes)
    const zero = zeroPoint(table, row, block)
    const start = block * table.block
    const count = min(table.block, columns - start)
    for (let i = 0; i < count; i++) {
      const weight = table.bits === 8 ? <i32>load<u8>(from + <usize>i) : (<i32>load<u8>(from + (<usize>i >> 1)) >> ((i & 1) << 2)) & 15
      put(output, start + i, <f32>(weight - zero) * scale * factor)
    }
  }
}

@inline
function put(output: usize, index: i32, value: f32): void {
  store<f32>(output + (<usize>index << 2), value)
}
