/** What a further token costs beside the first one as long as nothing was measured. Low, so that it will be measured. */
const HOPED_SLOPE = 0.4
/** Share of a new measurement in what is remembered. */
const SHARE = 0.4
/** A run that takes this many times as long as the ones before was disturbed. */
const MOST = 1.5
/** What was measured looks better with every single run by this share, so that it is tried again some day. */
const FADE = 0.0003
/** The same for what was measured once only, perhaps in a bad moment. */
const QUICK_FADE = 0.01
/** After so many single runs a measurement counts for nothing beside a new one. */
const OLD = 300

/** What runs of several tokens cost beside a run of one. Knows what was measured, and hopes for the best elsewhere. */
export class CostCurve {
  /** By tokens; 0 where nothing is known. A run of one token is the unit. */
  readonly #ratios: Float64Array
  readonly #ages: Float64Array
  /** How often each was measured. */
  readonly #counts: Float64Array
  #longest = 1

  /** @param most tokens of the longest run to know; longer ones are not remembered. */
  constructor(most: number) {
    this.#ratios = new Float64Array(most + 1)
    this.#ages = new Float64Array(most + 1)
    this.#counts = new Float64Array(most + 1)
    this.#ratios[1] = 1
  }

  /** A run of `tokens` took `ratio` times as long as one of a single token. */
  add(tokens: number, ratio: number): void {
    if (tokens < 2 || tokens >= this.#ratios.length || !(ratio > 0)) return
    const before = this.#ratios[tokens]!
    const isNew = this.#counts[tokens]! < 2 || this.#ages[tokens]! > OLD
    this.#ratios[tokens] = isNew ? ratio : before + SHARE * (Math.min(ratio, MOST * before) - before)
    this.#ages[tokens] = 0
    this.#counts[tokens]!++
    this.#longest = Math.max(this.#longest, tokens)
  }

  /** A single token was run. */
  pass(): void {
    for (let tokens = 2; tokens <= this.#longest; tokens++) {
      this.#ratios[tokens]! *= 1 - (this.#counts[tokens] === 1 ? QUICK_FADE : FADE)
      this.#ages[tokens]!++
    }
  }

  /** How many runs of one token a run of `tokens` is worth. */
  at(tokens: number): number {
    if (tokens <= 1) return 1
    const known = this.#ratios[tokens] ?? 0
    if (known > 0) return known
    if (tokens < this.#longest) return this.#between(tokens)
    const [longest, ratio] = [this.#longest, this.#ratios[this.#longest]!]
    const slope = longest === 1 ? HOPED_SLOPE : Math.max(0, (ratio - 1) / (longest - 1))
    // Fewer tokens never cost more.
    return Math.max(ratio, Math.min(ratio + slope * (tokens - longest), 1 + HOPED_SLOPE * (tokens - 1)))
  }

  #between(tokens: number): number {
    const below = this.#knownBelow(tokens)
    let above = tokens
    while (this.#ratios[above] === 0) above++
    const [low, high] = [this.#ratios[below]!, this.#ratios[above]!]
    return low + ((high - low) * (tokens - below)) / (above - below)
  }

  #knownBelow(tokens: number): number {
    let below = Math.min(tokens, this.#longest)
    while (this.#ratios[below] === 0) below--
    return below
  }
}
