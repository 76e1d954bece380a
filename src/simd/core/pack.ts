import { highHalves, interleaveHigh, interleaveLow, lowHalves } from './lanes'
import { Matrix } from './Matrix'

/** 16 bytes of each of four rows → four vectors. */
export function packRows(matrix: Matrix, row0: i32, row1: i32, row2: i32, row3: i32, out: usize): void {
  const rowBytes = <usize>((matrix.columns + matrix.block - 1) / matrix.block) * ((matrix.block * matrix.bits) >> 3)
  let w0 = matrix.weights + <usize>row0 * rowBytes
  let w1 = matrix.weights + <usize>row1 * rowBytes
  let w2 = matrix.weights + <usize>row2 * rowBytes
  let w3 = matrix.weights + <usize>row3 * rowBytes
  const end = out + (rowBytes << 2)
  while (out < end) {
    const a = v128.load(w0), b = v128.load(w1), c = v128.load(w2), d = v128.load(w3)
    const ab = interleaveLow(a, b), cd = interleaveLow(c, d)
    const abHigh = interleaveHigh(a, b), cdHigh = interleaveHigh(c, d)
    v128.store(out, lowHalves(ab, cd))
    v128.store(out, highHalves(ab, cd), 16)
    v128.store(out, lowHalves(abHigh, cdHigh), 32)
    v128.store(out, highHalves(abHigh, cdHigh), 48)
    w0 += 16
    w1 += 16
    w2 += 16
    w3 += 16
    out += 64
  }
}
