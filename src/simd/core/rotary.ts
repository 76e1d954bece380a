import { pow } from './mathematics/pow'
import { cos, sin } from './mathematics/sinCos'
import { RotaryPlan } from './plan'

/**
 * Fills the plan's frequencies: `theta ^ (−2i / dimensions)`, divided by the linear factor, or bent by Llama 3's scaling.
 * Every step is rounded to float32, as Hugging Face's float32 tensors round it.
 * Formulas: https://arxiv.org/abs/2104.09864 and transformers, `modeling_rope_utils.py`.
 */
export function prepareRotary(plan: RotaryPlan): void {
  const half = plan.dimensions >> 1
  for (let i = 0; i < half; i++) {
    const even = <f32>i * 2
    const exponent = even / <f32>plan.dimensions
    let frequency = <f32>1 / <f32>pow(plan.theta, <f64>exponent)
    if (plan.llama3Factor !== 0) frequency = llama3(frequency, plan)
    else if (plan.factor !== 1) frequency = frequency / <f32>plan.factor
    store<f32>(plan.frequencies + (<usize>i << 2), frequency)
  }
}

/** Long waves are slowed by the factor, short ones stay, between them it blends. */
function llama3(frequency: f32, plan: RotaryPlan): f32 {
  const factor = <f32>plan.llama3Factor
  const wave = <f32>6.283185307179586 / frequency
  const longest = <f32>(plan.originalContext / plan.lowFrequencyFactor)
  const shortest = <f32>(plan.originalContext / plan.highFrequencyFactor)
  if (wave > longest) return frequency / factor
  if (wave < shortest) return frequency
  const range = <f32>(plan.highFrequencyFactor - plan.lowFrequencyFactor)
  const smooth = (<f32>plan.originalContext / wave - <f32>plan.lowFrequencyFactor) / range
  return ((<f32>1 - smooth) * frequency) / factor + smooth * frequency
}

/** Bytes of the angles of `count` tokens. */
export function angleBytes(plan: RotaryPlan, count: i32): usize {
  return (<usize>count * <usize>plan.dimensions) << 2
}

/**
 * Cosines and sines of `count` tokens from `position` on: float32 `[count][2][dimensions / 2]`, cosines first.
 * One token in `threads` is this thread's. Once a batch for each rotary plan, before the layers.
 */
export function rotaryAngles(plan: RotaryPlan, position: i32, count: i32, angles: usize, thread: i32, threads: i32): void {
  const half = plan.dimensions >> 1
  const halfBytes = <usize>half << 2
  for (let token = thread; token < count; token += threads) {
    let to = angles + <usize>token * 2 * halfBytes
    const at = <f32>(position + token)
    for (let i = 0; i < half; i++) {
      const angle = <f64>(at * load<f32>(plan.frequencies + (<usize>i << 2)))
      store<f32>(to, <f32>cos(angle))
      store<f32>(to + halfBytes, <f32>sin(angle))
      to += 4
    }
  }
}

/** Turns one head's vector in place by one token's angles (`rotaryAngles`). Dimensions beyond the plan's stay. */
export function rotate(x: usize, plan: RotaryPlan, angles: usize): void {
  const half = plan.dimensions >> 1
  const halfBytes = <usize>half << 2
  if (plan.interleaved) rotatePairs(x, angles, half, halfBytes)
  else rotateHalves(x, angles, half, halfBytes)
}

/** Element i with element i + half. */
@inline
function rotateHalves(x: usize, angles: usize, half: i32, halfBytes: usize): void {
  const whole = <usize>(half & ~3) << 2
  let i: usize = 0
  for (; i < whole; i += 16) {
    const a = v128.load(x + i)
    const b = v128.load(x + halfBytes + i)
    const c = v128.load(angles + i)
    const s = v128.load(angles + halfBytes + i)
    v128.store(x + i, f32x4.sub(f32x4.mul(a, c), f32x4.mul(b, s)))
    v128.store(x + halfBytes + i, f32x4.add(f32x4.mul(b, c), f32x4.mul(a, s)))
  }
  for (; i < halfBytes; i += 4) {
    const a = load<f32>(x + i)
    const b = load<f32>(x + halfBytes + i)
    const c = load<f32>(angles + i)
    const s = load<f32>(angles + halfBytes + i)
    store<f32>(x + i, a * c - b * s)
    store<f32>(x + halfBytes + i, b * c + a * s)
  }
}

/** Element 2i with element 2i + 1. */
@inline
function rotatePairs(x: usize, angles: usize, half: i32, halfBytes: usize): void {
  for (let i = 0; i < half; i++) {
    const at = x + (<usize>i << 3)
    const a = load<f32>(at)
    const b = load<f32>(at + 4)
    const c = load<f32>(angles + (<usize>i << 2))
    const s = load<f32>(angles + halfBytes + (<usize>i << 2))
    store<f32>(at, a * c - b * s)
    store<f32>(at + 4, b * c + a * s)
  }
}
