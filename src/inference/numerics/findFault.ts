import { logSumExp } from '../sampling/Sampler.js'
import type { NumericsProblem } from './types.js'

/** Trained models give logits in the tens, some in the hundreds. Half-precision floats end at 65504. */
const LARGEST_LOGIT = 10_000

/** Nats below those of a uniform distribution. The tiny models of tests, with random weights, are 0.02 and more below. */
const LEAST_INFORMATION = 1e-3

/** What is wrong with logits, whatever model they are of; and the largest one's magnitude. */
export function findFault(logits: Float32Array): { problem: NumericsProblem | undefined; largest: number } {
  let largest = 0
  for (let i = 0; i < logits.length; i++) {
    const magnitude = Math.abs(logits[i]!)
    if (!(magnitude <= Number.MAX_VALUE)) return { problem: 'not-finite', largest: Number.POSITIVE_INFINITY }
    if (magnitude > largest) largest = magnitude
  }
  if (largest > LARGEST_LOGIT) return { problem: 'too-large', largest }
  return { problem: information(logits) < LEAST_INFORMATION ? 'constant' : undefined, largest }
}

/** How many nats the distribution's entropy is below the greatest one that so many tokens can have. */
function information(logits: Float32Array): number {
  const total = logSumExp(logits)
  let mean = 0
  for (let i = 0; i < logits.length; i++) mean += Math.exp(logits[i]! - total) * logits[i]!
  return Math.log(logits.length) - (total - mean)
}
