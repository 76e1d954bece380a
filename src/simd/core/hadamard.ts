/** Elements that are turned together: the largest power of two that divides the head's dimensions; 1, none, where that is below 4. */
@inline
export function turnedTogether(headDim: i32): i32 {
  const block = headDim & -headDim
  return block < 4 ? 1 : block
}

/**
 * Walsh–Hadamard transform of each block of `turnedTogether` elements, in place, without the factor 1 / √block: doing it twice multiplies by
 * `block`. It spreads what is loud in few elements over all of them, so that 8 bits hold more of the rest (https://arxiv.org/abs/2404.00456),
 * and dot products of turned vectors are those of the vectors. Stages go from neighbours to halves.
 */
export function turn(x: usize, headDim: i32): void {
  const block = turnedTogether(headDim)
  if (block === 1) return
  const odd = f32x4(1, -1, 1, -1)
  const high = f32x4(1, 1, -1, -1)
  const end = <usize>headDim << 2
  for (let at: usize = 0; at < end; at += 16) {
    let v = v128.load(x + at)
    v = f32x4.add(f32x4.mul(v, odd), i32x4.shuffle(v, v, 1, 0, 3, 2))
    v = f32x4.add(f32x4.mul(v, high), i32x4.shuffle(v, v, 2, 3, 0, 1))
    v128.store(x + at, v)
  }
  for (let step: usize = 16; step < <usize>block << 2; step <<= 1) {
    for (let start: usize = 0; start < end; start += step << 1) {
      for (let at = x + start; at < x + start + step; at += 16) {
        const a = v128.load(at)
        const b = v128.load(at + step)
        v128.store(at, f32x4.add(a, b))
        v128.store(at + step, f32x4.sub(a, b))
      }
    }
  }
}
