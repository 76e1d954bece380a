import type { Guide, Outlook } from '../constrain/Guide.js'
import { copied, DraftTuner, FORCED, SAID } from './DraftTuner.js'
import { PromptLookup } from './PromptLookup.js'

/** Most tokens that are drafted at once. */
const LONGEST_DRAFT = 48
/** A draft that is less likely than this to come to an end as it is, is long enough. */
const LEAST_LIKELIHOOD = 0.05

/** What a {@link Speculator} needs to know of a model. */
export interface SpeculatorInit {
  /** Tokens that end an answer. They are not drafted: nothing is fed behind them. */
  endTokens?: ReadonlySet<number>
  /** Tokens of one kind differ only in capitals and blanks, so that text is found however it is written. Default: the id. */
  kindOf?: (id: number) => number
}

/** What a request says about what may be copied. */
export interface Hints {
  /** Tokens that words of the user begin with at the start of a text, in order. */
  said: readonly number[]
}

/**
 * Guesses what a model will write: what followed where the last tokens stood before, in the prompt or in the answer,
 * and between that what a grammar forces. Learns from what is then written which guesses pay.
 */
export class Speculator {
  readonly #endTokens: ReadonlySet<number>
  readonly #lookup: PromptLookup
  readonly #tuner = new DraftTuner()
  readonly #ids = new Int32Array(LONGEST_DRAFT)
  readonly #sources = new Int8Array(LONGEST_DRAFT)
  #said: readonly number[] = []
  #count = 0
  /** How many of the draft's tokens have come true; undefined after the first that has not. */
  #come: number | undefined

  constructor({ endTokens = new Set(), kindOf }: SpeculatorInit = {}) {
    this.#endTokens = endTokens
    this.#lookup = new PromptLookup(kindOf)
  }

  /** An answer to `prompt` begins. */
  start(prompt: readonly number[], hints?: Hints): void {
    this.#lookup.become(prompt)
    this.#said = hints?.said ?? []
    this.#come = undefined
  }

  /** Token `id` was written. */
  written(id: number): void {
    this.#lookup.append(id)
    const at = this.#come
    if (at === undefined || at >= this.#count) return
    const source = this.#sources[at]!
    const isRight = this.#ids[at] === id
    if (source !== FORCED) this.#tuner.saw(source, isRight)
    this.#come = isRight ? at + 1 : undefined
  }

  /**
   * What to feed behind `waiting` tokens that have been written and were not fed yet; empty where it does not pay.
   * @param most tokens there is room for.
   */
  draft(waiting: number, most: number, guide?: Guide): readonly number[] {
    const outlook = guide?.lookAhead()
    try {
      this.#guess(Math.min(most, LONGEST_DRAFT), outlook)
    } finally {
      outlook?.end()
    }
    this.#come = 0
    const worth = this.#tuner.worth(waiting, this.#sources, this.#count)
    return worth === 0 ? [] : Array.from(this.#ids.subarray(0, worth))
  }

  /** A run of `tokens` took `ms`, `drafted` of them being a draft. */
  measured(tokens: number, drafted: number, ms: number): void {
    this.#tuner.measured(tokens, drafted, ms)
  }

  #guess(most: number, outlook: Outlook | undefined): void {
    const lookup = this.#lookup
    const start = lookup.length
    this.#count = 0
    let likelihood = 1
    let from = -1
    let matched = 0
    while (this.#count < most && likelihood > LEAST_LIKELIHOOD) {
      const inCall = outlook !== undefined && !outlook.isOver
      const forced = inCall && this.#count > 0 ? outlook.goForced() : []
      for (const id of forced) {
        if (this.#count === most) break
        from = lookup.at(from) === id ? from + 1 : -1
        matched++
        this.#add(id, FORCED)
      }
      if (forced.length > 0) continue
      if (from < 0) {
        from = lookup.find()
        matched = lookup.matched
      }
      const id = this.#next(from, inCall ? outlook : undefined)
      if (id === undefined) break
      const isCopy = id === lookup.at(from)
      const source = isCopy ? copied(matched, inCall) : SAID
      from = isCopy ? from + 1 : -1
      matched++
      likelihood *= this.#tuner.rate(source)
      this.#add(id, source)
    }
    lookup.truncate(start)
  }

  /** The token at `from`; where the grammar forbids that, a word that was said. */
  #next(from: number, outlook: Outlook | undefined): number | undefined {
    const copy = this.#lookup.at(from)
    if (copy !== undefined && !this.#endTokens.has(copy) && (outlook === undefined || outlook.go(copy))) return copy
    return outlook && this.#said.find((id) => outlook.go(id))
  }

  #add(id: number, source: number): void {
    this.#ids[this.#count] = id
    this.#sources[this.#count++] = source
    this.#lookup.append(id)
  }
}
