import { CostCurve } from './CostCurve.js'

/** Where a drafted token comes from tells how likely it is. This one cannot be wrong. */
export const FORCED = 0
/** Copied tokens are told apart by how many tokens before them were alike: at least so many. */
const levels = [1, 2, 3, 4, 5, 7, 10, 16]
const COPIED = 1
/** The same inside of a call, where a grammar has its say, too. */
const COPIED_IN_CALL = COPIED + levels.length
/** A word of the user's where there is nothing to compare. */
export const SAID = COPIED_IN_CALL + levels.length
const SOURCES = SAID + 1

/** The source of a token that followed `matched` tokens like the last ones, at least 1. */
export function copied(matched: number, inCall: boolean): number {
  let level = levels.length - 1
  while (level > 0 && matched < levels[level]!) level--
  return (inCall ? COPIED_IN_CALL : COPIED) + level
}

/** How often a source is right before anything was seen: a guess worth this many tokens. */
const PRIOR_WEIGHT = 4
/** What was seen last counts most; this much of it is left with every further token. */
const MEMORY = 0.95
/** Longer runs are not looked at. */
const LONGEST_RUN = 64
/** Drafts must promise this many times the speed: what they promise is not exact. */
const MARGIN = 1.05
/** Share of a new time in what is remembered. */
const SHARE = 0.2
/**
 * Decides how much of a draft is worth feeding: from what runs cost here, measured as they go, and from how often
 * drafts of each source came true, whether they were fed or not. Changes what is drafted, never what is written.
 */
export class DraftTuner {
  readonly #plain = new CostCurve(LONGEST_RUN)
  /** Of runs with a draft, which give more logits. */
  readonly #drafted = new CostCurve(LONGEST_RUN)
  readonly #right = new Float64Array(SOURCES)
  readonly #seen = new Float64Array(SOURCES)
  #singleMs: number | undefined

  /** A run of `tokens`, `drafted` of which were a draft, took `ms`. */
  measured(tokens: number, drafted: number, ms: number): void {
    const single = this.#singleMs
    if (tokens === 1) {
      this.#singleMs = single === undefined ? ms : single + SHARE * (Math.min(ms, 2 * single) - single)
      this.#plain.pass()
      this.#drafted.pass()
    } else if (single !== undefined && single > 0) {
      const curve = drafted > 0 ? this.#drafted : this.#plain
      curve.add(tokens, ms / single)
    }
  }

  /** A guess of this source was looked at and was right, or was not. */
  saw(source: number, isRight: boolean): void {
    this.#right[source] = MEMORY * this.#right[source]! + (isRight ? 1 : 0)
    this.#seen[source] = MEMORY * this.#seen[source]! + 1
  }

  /** How likely a token of this source is. */
  rate(source: number): number {
    if (source === FORCED) return 1
    return (PRIOR_WEIGHT * prior(source) + this.#right[source]!) / (PRIOR_WEIGHT + this.#seen[source]!)
  }

  /**
   * How many tokens of a draft to feed together with `waiting` others, by what that saves: without the draft,
   * every token in it that is a choice would be a run, together with the forced ones behind it.
   * @param sources of the draft's tokens, the first one a choice.
   * @param count tokens of the draft.
   */
  worth(waiting: number, sources: ArrayLike<number>, count: number): number {
    let best = 0
    let bestGain = MARGIN
    let likelihood = 1
    let saved = this.#plain.at(waiting)
    for (let start = 0; start < count; ) {
      likelihood *= this.rate(sources[start]!)
      let end = start + 1
      while (end < count && sources[end] === FORCED) end++
      saved += likelihood * this.#plain.at(end - start)
      const gain = saved / this.#drafted.at(waiting + end)
      if (gain > bestGain) {
        best = end
        bestGain = gain
      }
      start = end
    }
    return best
  }
}

function prior(source: number): number {
  if (source === SAID) return 0.5
  const level = source - (source >= COPIED_IN_CALL ? COPIED_IN_CALL : COPIED)
  return 0.15 + (0.7 * level) / (levels.length - 1)
}
