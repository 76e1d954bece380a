import { sumLanes } from './lanes'
import { loadRest, storeRest } from './rest'

/**
 * `output = x · (1 / √(mean(x²) + epsilon)) · (weight + offset)` over `count` floats. Output may be x.
 * Formula: https://arxiv.org/abs/1910.07467; the offset of 1 is Gemma's.
 */
export function rmsNorm(output: usize, x: usize, weight: usize, count: i32, epsilon: f32, offset: f32): void {
  const whole = count & ~3
  const rest = count & 3
  let sum = f32x4.splat(0)
  for (let i = 0; i < whole; i += 4) {
    const v = v128.load(x + (<usize>i << 2))
    sum = f32x4.add(sum, f32x4.mul(v, v))
  }
  if (rest) {
    const v = loadRest(x + (<usize>whole << 2), rest)
    sum = f32x4.add(sum, f32x4.mul(v, v))
  }
  const factor = f32x4.splat(<f32>1 / sqrt(sumLanes(sum) / <f32>count + epsilon))
  const offsets = f32x4.splat(offset)
  for (let i = 0; i < whole; i += 4) {
    const at = <usize>i << 2
    const scaled = f32x4.mul(v128.load(x + at), factor)
    v128.store(output + at, f32x4.mul(scaled, f32x4.add(v128.load(weight + at), offsets)))
  }
  if (rest) {
    const at = <usize>whole << 2
    const scaled = f32x4.mul(loadRest(x + at, rest), factor)
    storeRest(output + at, f32x4.mul(scaled, f32x4.add(loadRest(weight + at, rest), offsets)), rest)
  }
}
