import { exp4 } from './mathematics/vectorExp'
import { GATE_SILU } from './plan'
import { loadRest, storeRest } from './rest'

/** g · sigmoid(g). Formula: https://arxiv.org/abs/1702.03118 */
@inline
function silu(g: v128): v128 {
  return f32x4.div(g, f32x4.add(exp4(f32x4.neg(g)), f32x4.splat(1)))
}

/**
 * ½ g (1 + tanh(√(2/π) (g + 0.044715 g³))), written with ½ (1 + tanh y) = 1 / (1 + exp(−2y)).
 * Formula: https://arxiv.org/abs/1606.08415
 */
@inline
function geluTanh(g: v128): v128 {
  const cube = f32x4.mul(f32x4.mul(g, g), g)
  const y = f32x4.mul(f32x4.add(g, f32x4.mul(cube, f32x4.splat(0.044715))), f32x4.splat(-1.5957691216057308))
  return f32x4.div(g, f32x4.add(exp4(y), f32x4.splat(1)))
}

@inline
function activate(g: v128, kind: i32): v128 {
  return kind === GATE_SILU ? silu(g) : geluTanh(g)
}

/** `gate = activation(gate) · up`, in place, over `count` floats; `kind` as in the plan (GATE_SILU, GATE_GELU_TANH). */
export function multiplyGate(gate: usize, up: usize, count: i32, kind: i32): void {
  const whole = count & ~3
  let i = 0
  // Two at a time: engines make the constants of the polynomial anew in each round.
  for (; i + 8 <= whole; i += 8) {
    const at = <usize>i << 2
    const front = f32x4.mul(activate(v128.load(gate + at), kind), v128.load(up + at))
    const back = f32x4.mul(activate(v128.load(gate + at, 16), kind), v128.load(up + at, 16))
    v128.store(gate + at, front)
    v128.store(gate + at, back, 16)
  }
  if (i < whole) {
    const at = <usize>i << 2
    v128.store(gate + at, f32x4.mul(activate(v128.load(gate + at), kind), v128.load(up + at)))
  }
  const rest = count & 3
  if (rest) {
    const at = <usize>whole << 2
    storeRest(gate + at, f32x4.mul(activate(loadRest(gate + at, rest), kind), loadRest(up + at, rest)), rest)
  }
}
