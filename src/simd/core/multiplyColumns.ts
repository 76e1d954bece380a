/** Bytes of a pair of elements of four rows. */
export const QUAD_PAIR_STEP = 16

/**
 * Products of one to four int16 vectors with an int16 matrix, summed as int32: exact, where the caller's numbers are small enough.
 * Pairs of elements lie side by side, so that one instruction multiplies those of four columns and adds the two products of each:
 * no lane has to be added to another one in the end.
 *
 * @param rows of the vectors, 1 to 4
 * @param vectors int16 `[pairs][4 rows][2]`
 * @param matrix int16 `[groups][pairs][8 columns][2]`, groups `groupStep` bytes apart
 * @param pairs a multiple of 4
 * @param out int32 `[rows][groups · 8]`, rows `outStep` bytes apart
 */
export function multiplyColumns(rows: i32, vectors: usize, matrix: usize, groupStep: usize, pairs: i32, groups: i32, out: usize, outStep: usize): void {
  if (rows === 1) multiply(1, vectors, matrix, groupStep, pairs, groups, out, outStep)
  else if (rows === 2) multiply(2, vectors, matrix, groupStep, pairs, groups, out, outStep)
  else if (rows === 3) multiply(3, vectors, matrix, groupStep, pairs, groups, out, outStep)
  else multiply(4, vectors, matrix, groupStep, pairs, groups, out, outStep)
}

@inline
function multiply(rows: i32, vectors: usize, matrix: usize, groupStep: usize, pairs: i32, groups: i32, out: usize, outStep: usize): void {
  const bytes = <usize>pairs << 5
  for (let group = 0; group < groups; group++) {
    let a0 = i32x4.splat(0)
    let b0 = a0
    let a1 = a0
    let b1 = a0
    let a2 = a0
    let b2 = a0
    let a3 = a0
    let b3 = a0
    let x = vectors
    const end = matrix + bytes
    for (let m = matrix; m < end; m += 64) {
      const c = v128.load(m)
      const d = v128.load(m, 16)
      const x0 = v128.load_splat<u32>(x)
      a0 = i32x4.add(a0, i32x4.dot_i16x8_s(c, x0))
      b0 = i32x4.add(b0, i32x4.dot_i16x8_s(d, x0))
      if (rows > 1) {
        const x1 = v128.load_splat<u32>(x, 4)
        a1 = i32x4.add(a1, i32x4.dot_i16x8_s(c, x1))
        b1 = i32x4.add(b1, i32x4.dot_i16x8_s(d, x1))
      }
      if (rows > 2) {
        const x2 = v128.load_splat<u32>(x, 8)
        a2 = i32x4.add(a2, i32x4.dot_i16x8_s(c, x2))
        b2 = i32x4.add(b2, i32x4.dot_i16x8_s(d, x2))
      }
      if (rows > 3) {
        const x3 = v128.load_splat<u32>(x, 12)
        a3 = i32x4.add(a3, i32x4.dot_i16x8_s(c, x3))
        b3 = i32x4.add(b3, i32x4.dot_i16x8_s(d, x3))
      }
      const e = v128.load(m, 32)
      const f = v128.load(m, 48)
      const y0 = v128.load_splat<u32>(x, 16)
      a0 = i32x4.add(a0, i32x4.dot_i16x8_s(e, y0))
      b0 = i32x4.add(b0, i32x4.dot_i16x8_s(f, y0))
      if (rows > 1) {
        const y1 = v128.load_splat<u32>(x, 20)
        a1 = i32x4.add(a1, i32x4.dot_i16x8_s(e, y1))
        b1 = i32x4.add(b1, i32x4.dot_i16x8_s(f, y1))
      }
      if (rows > 2) {
        const y2 = v128.load_splat<u32>(x, 24)
        a2 = i32x4.add(a2, i32x4.dot_i16x8_s(e, y2))
        b2 = i32x4.add(b2, i32x4.dot_i16x8_s(f, y2))
      }
      if (rows > 3) {
        const y3 = v128.load_splat<u32>(x, 28)
        a3 = i32x4.add(a3, i32x4.dot_i16x8_s(e, y3))
        b3 = i32x4.add(b3, i32x4.dot_i16x8_s(f, y3))
      }
      x += 32
    }
    v128.store(out, a0)
    v128.store(out, b0, 16)
    if (rows > 1) {
      v128.store(out + outStep, a1)
      v128.store(out + outStep, b1, 16)
    }
    if (rows > 2) {
      v128.store(out + 2 * outStep, a2)
      v128.store(out + 2 * outStep, b2, 16)
    }
    if (rows > 3) {
      v128.store(out + 3 * outStep, a3)
      v128.store(out + 3 * outStep, b3, 16)
    }
    matrix += groupStep
    out += 32
  }
}
