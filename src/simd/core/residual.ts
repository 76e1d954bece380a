import { loadRest, storeRest } from './rest'

/** `out = stream + scale · branch` over `count` floats. `out` may be one of them. */
export function addScaled(out: usize, stream: usize, branch: usize, scale: f32, count: i32): void {
  const factor = f32x4.splat(scale)
  const whole = count & ~3
  for (let i = 0; i < whole; i += 4) {
    const at = <usize>i << 2
    v128.store(out + at, f32x4.add(v128.load(stream + at), f32x4.mul(v128.load(branch + at), factor)))
  }
  const rest = count & 3
  if (rest) {
    const at = <usize>whole << 2
    storeRest(out + at, f32x4.add(loadRest(stream + at, rest), f32x4.mul(loadRest(branch + at, rest), factor)), rest)
  }
}
