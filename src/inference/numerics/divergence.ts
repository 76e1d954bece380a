import { logSumExp } from '../sampling/Sampler.js'

/** Logits at one position of a probe, as `numerics.json` keeps them. */
export interface ReferenceLogits {
  /** Index into the probe: logits after this token. */
  position: number
  /** Over the whole vocabulary. */
  logSumExp: number
  /** Tokens whose logits are kept, the most likely one first. */
  ids: readonly number[]
  /** Of `ids`. */
  logits: readonly number[]
}

const LEAST_PROBABILITY = 1e-12

/** KL(expected || actual) in nats over all tokens. Both of the same length and finite. */
export function divergence(expected: Float32Array, actual: Float32Array): number {
  const totals = [logSumExp(expected), logSumExp(actual)] as const
  let sum = 0
  for (let i = 0; i < expected.length; i++) {
    const p = expected[i]! - totals[0]
    sum += Math.exp(p) * (p - (actual[i]! - totals[1]))
  }
  // Rounding can leave a little less than nothing.
  return Math.max(0, sum)
}

/** KL(reference || actual) in nats over the reference's tokens and one bucket for all others: see docs/doctor-report.md. */
export function divergenceFromReference(reference: ReferenceLogits, actual: Float32Array): number {
  const total = logSumExp(actual)
  let sum = 0
  let rest = 1
  let actualRest = 1
  reference.ids.forEach((id, i) => {
    const p = Math.exp(reference.logits[i]! - reference.logSumExp)
    const q = Math.exp(actual[id]! - total)
    rest -= p
    actualRest -= q
    sum += term(p, q)
  })
  return Math.max(0, sum + term(rest, actualRest))
}

function term(p: number, q: number): number {
  return p <= 0 ? 0 : p * Math.log(p / Math.max(q, LEAST_PROBABILITY))
}
