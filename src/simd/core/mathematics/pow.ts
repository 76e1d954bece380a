import { exp } from './exp'
import { log } from './log'

/** `base ^ exponent` for base > 0 as exp(exponent · log base): for |exponent · log base| ≤ 32, within 1e-14 of the true value, relatively. */
export function pow(base: f64, exponent: f64): f64 {
  return exp(exponent * log(base))
}
