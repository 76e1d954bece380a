import type { Guide } from '../constrain/Guide.js'
import type { SamplingOptions } from '../types.js'
import { CandidateHeap } from './CandidateHeap.js'
import { Random, randomSeed } from './Random.js'

/** Something added to one token's logit when the first token is picked. */
export interface FirstTokenBias {
  token: number
  bias: number
}

/**
 * Picks the next token from logits. Filters apply in the order of Hugging Face's generate:
 * repetition penalty, temperature, top-k, top-p, min-p. All buffers are allocated once, so
 * picking a token allocates nothing.
 */
export class Sampler {
  readonly #random = new Random(0)
  readonly #weights: Float32Array
  readonly #heap: CandidateHeap
  readonly #kept: Int32Array
  readonly #seen: Uint8Array
  readonly #seenIds: Int32Array
  #seenCount = 0
  #temperature = 0
  #topK = 0
  #topP = 1
  #minP = 0
  #penalty = 1
  #firstTokenBias: FirstTokenBias | undefined
  #measures = false
  /**
   * How probable the model, without grammar and penalties and at temperature 1, held the token that was
   * picked last. Undefined if it was forced, or if {@link start} was not told to measure.
   */
  probability: number | undefined

  constructor(vocabSize: number) {
    this.#weights = new Float32Array(vocabSize)
    this.#heap = new CandidateHeap(this.#weights)
    this.#kept = new Int32Array(vocabSize)
    this.#seen = new Uint8Array(vocabSize)
    this.#seenIds = new Int32Array(vocabSize)
  }

  /**
   * Starts a new sequence. `prompt` counts as seen for the repetition penalty. With `callConfidence`
   * every token's {@link probability} is measured, which takes one more pass over the logits.
   */
  start(
    options: SamplingOptions & { callConfidence?: boolean },
    prompt: readonly number[],
    firstTokenBias?: FirstTokenBias,
  ): void {
    this.#measures = options.callConfidence ?? false
    this.#firstTokenBias = firstTokenBias
    this.#temperature = options.temperature ?? 0
    this.#topK = options.topK ?? 0
    this.#topP = options.topP ?? 1
    this.#minP = options.minP ?? 0
    this.#penalty = options.repetitionPenalty ?? 1
    this.#random.seed(options.seed ?? randomSeed())
    this.#seen.fill(0)
    this.#seenCount = 0
    if (this.#penalty !== 1) for (const id of prompt) this.#markSeen(id)
  }

  /**
   * The next token, one that `guide` allows. `logits` (one per token of the vocabulary) may be
   * overwritten.
   */
  sample(logits: Float32Array, guide?: Guide): number {
    if (this.#firstTokenBias) {
      logits[this.#firstTokenBias.token]! += this.#firstTokenBias.bias
      this.#firstTokenBias = undefined
    }
    const total = this.#measures ? logSumExp(logits) : 0
    guide?.mask(logits)
    if (this.#penalty !== 1) this.#penalize(logits)
    for (;;) {
      const token = this.#temperature > 0 ? this.#draw(logits) : argmax(logits)
      if (guide === undefined || guide.allows(token)) {
        const logit = this.#unpenalized(token, logits[token]!)
        this.see(token)
        if (this.#measures) this.probability = Math.exp(logit - total)
        return token
      }
      logits[token] = -Infinity
    }
  }

  /** Token `id` has come without being picked; it counts for the repetition penalty. */
  see(id: number): void {
    this.probability = undefined
    if (this.#penalty !== 1) this.#markSeen(id)
  }

  #markSeen(id: number): void {
    if (id >= this.#seen.length || this.#seen[id] === 1) return
    this.#seen[id] = 1
    this.#seenIds[this.#seenCount++] = id
  }

  #unpenalized(id: number, logit: number): number {
    if (this.#penalty === 1 || this.#seen[id] !== 1) return logit
    return logit < 0 ? logit / this.#penalty : logit * this.#penalty
  }

  #penalize(logits: Float32Array): void {
    for (let i = 0; i < this.#seenCount; i++) {
      const id = this.#seenIds[i]!
      const logit = logits[id]!
      logits[id] = logit < 0 ? logit * this.#penalty : logit / this.#penalty
    }
  }

  #draw(logits: Float32Array): number {
    const weights = this.#weights
    const best = logits[argmax(logits)]!
    let total = 0
    for (let id = 0; id < weights.length; id++) {
      const weight = Math.exp((logits[id]! - best) / this.#temperature)
      weights[id] = weight
      total += weights[id]!
    }
    const unfiltered = this.#topK <= 0 && this.#topP >= 1
    return unfiltered ? this.#drawFromAll() : this.#drawFromBest(total)
  }

  #drawFromAll(): number {
    const weights = this.#weights
    let total = 0
    for (let id = 0; id < weights.length; id++) {
      if (weights[id]! < this.#minP) weights[id] = 0
      total += weights[id]!
    }
    let left = this.#random.next() * total
    let last = 0
    for (let id = 0; id < weights.length; id++) {
      if (weights[id] === 0) continue
      last = id
      left -= weights[id]!
      if (left < 0) return id
    }
    return last
  }

  #drawFromBest(totalOfAll: number): number {
    const weights = this.#weights
    const limit = this.#topK > 0 ? Math.min(this.#topK, weights.length) : weights.length
    // Tokens lighter than this weigh less than (1 - topP) of the total together, so none of them
    // can be in the nucleus: the heap stays small on large vocabularies.
    this.#heap.fill(this.#topK > 0 ? 0 : ((1 - this.#topP) * totalOfAll) / weights.length)
    let count = 0
    let total = 0
    const enough = this.#topP * totalOfAll
    while (count < limit && this.#heap.size > 0) {
      const id = this.#heap.pop()
      this.#kept[count++] = id
      total += weights[id]!
      if (this.#topK <= 0 && total >= enough) break
    }
    let kept = 0
    let keptTotal = 0
    while (kept < count) {
      const weight = weights[this.#kept[kept]!]!
      if (kept > 0 && (keptTotal >= this.#topP * total && this.#topK > 0)) break
      if (kept > 0 && (weight < this.#minP || weight === 0)) break
      keptTotal += weight
      kept++
    }
    let left = this.#random.next() * keptTotal
    for (let i = 0; i < kept; i++) {
      left -= weights[this.#kept[i]!]!
      if (left < 0) return this.#kept[i]!
    }
    return this.#kept[kept - 1]!
  }
}

/** Index of the largest value; the first one where several are equal. */
export function argmax(values: Float32Array): number {
  let best = 0
  let bestValue = values[0]!
  for (let i = 1; i < values.length; i++) {
    if (values[i]! > bestValue) {
      bestValue = values[i]!
      best = i
    }
  }
  return best
}

/** Logarithm of the sum of the values' exponentials. */
export function logSumExp(values: Float32Array): number {
  const best = values[argmax(values)]!
  let total = 0
  for (let i = 0; i < values.length; i++) total += Math.exp(values[i]! - best)
  return best + Math.log(total)
}
