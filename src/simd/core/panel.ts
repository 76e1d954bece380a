import { Matrix } from './Matrix'
import { activationBlocks } from './quantizeRows'

@inline
export function panel8(matrix: Matrix, packed: usize, scales: usize, x: usize, marks: usize, sums: usize, quads: i32): void {
  memory.fill(sums, 0, 128)
  const end = scales + ((<usize>activationBlocks(matrix)) << 4)
  while (scales < end) {
    let a0 = v128.load_splat<i32>(marks, 32)
    let a1 = v128.load_splat<i32>(marks, 36)
    let a2 = v128.load_splat<i32>(marks, 40)
    let a3 = v128.load_splat<i32>(marks, 44)
    let a4 = v128.load_splat<i32>(marks, 48)
    let a5 = v128.load_splat<i32>(marks, 52)
    let a6 = v128.load_splat<i32>(marks, 56)
    let a7 = v128.load_splat<i32>(marks, 60)
    for (let quad = 0; quad < quads; ++quad) {
      const w = v128.load(packed)
      packed += 16
      const high = i16x8.shr_u(w, 8)
      v128.store(sums, v128.and(w, i16x8.splat(0x000f)), 128)
      v128.store(sums, v128.and(w, i16x8.splat(0x00f0)), 144)
      v128.store(sums, v128.and(high, i16x8.splat(0x000f)), 160)
      v128.store(sums, v128.and(high, i16x8.splat(0x00f0)), 176)
      for (let k: usize = 0; k < 64; k += 16) {
        const wk = v128.load(sums + k, 128)
        a0 = i32x4.add(a0, i32x4.dot_i16x8_s(wk, v128.load_splat<i32>(x, 0)))
        a1 = i32x4.add(a1, i32x4.dot_i16x8_s(wk, v128.load_splat<i32>(x, 4)))
        a2 = i32x4.add(a2, i32x4.dot_i16x8_s(wk, v128.load_splat<i32>(x, 8)))
        a3 = i32x4.add(a3, i32x4.dot_i16x8_s(wk, v128.load_splat<i32>(x, 12)))
        a4 = i32x4.add(a4, i32x4.dot_i16x8_s(wk, v128.load_splat<i32>(x, 16)))
        a5 = i32x4.add(a5, i32x4.dot_i16x8_s(wk, v128.load_splat<i32>(x, 20)))
        a6 = i32x4.add(a6, i32x4.dot_i16x8_s(wk, v128.load_splat<i32>(x, 24)))
        a7 = i32x4.add(a7, i32x4.dot_i16x8_s(wk, v128.load_splat<i32>(x, 28)))
        x += 32
      }
    }
    const scale = v128.load(scales)
    scales += 16
    addBlock(sums + 0, a0, scale, marks + 0)
    addBlock(sums + 16, a1, scale, marks + 4)
    addBlock(sums + 32, a2, scale, marks + 8)
    addBlock(sums + 48, a3, scale, marks + 12)
    addBlock(sums + 64, a4, scale, marks + 16)
    addBlock(sums + 80, a5, scale, marks + 20)
    addBlock(sums + 96, a6, scale, marks + 24)
    addBlock(sums + 112, a7, scale, marks + 28)
    marks += 64
  }
}

@inline
function addBlock(sums: usize, a: v128, scales: v128, mark: usize): void {
  v128.store(sums, f32x4.add(v128.load(sums), f32x4.mul(f32x4.convert_i32x4_s(a), f32x4.mul(scales, v128.load_splat<f32>(mark)))))
}
