import { tanh4 } from './mathematics/vectorTanh'
import { loadRest, storeRest } from './rest'

/** `x · scale`, then `cap · tanh(x / cap)` where there is a cap (Gemma 2), in place over `count` logits. */
export function finishLogits(logits: usize, count: i32, scale: f32, cap: f32): void {
  const whole = count & ~3
  for (let i = 0; i < whole; i += 4) {
    const at = logits + (<usize>i << 2)
    v128.store(at, finish(v128.load(at), scale, cap))
  }
  const rest = count & 3
  if (rest) {
    const at = logits + (<usize>whole << 2)
    storeRest(at, finish(loadRest(at, rest), scale, cap), rest)
  }
}

// @ts-ignore: decorator
@inline
function finish(x: v128, scale: f32, cap: f32): v128 {
  const scaled = f32x4.mul(x, f32x4.splat(scale))
  if (!(cap > 0)) return scaled
  const caps = f32x4.splat(cap)
  return f32x4.mul(caps, tanh4(f32x4.div(scaled, caps)))
}
