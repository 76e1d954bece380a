import type { CanonicalTokens } from './CanonicalTokens.js'
import type { GrammarMatch } from './GrammarMatch.js'
import type { Outlook } from './Guide.js'

/** Looks ahead by walking the match itself, and walking back. */
export class GrammarOutlook implements Outlook {
  readonly #match: GrammarMatch
  readonly #canonical: CanonicalTokens
  readonly #before: number[]
  #steps = 0

  /** @param before the tokens up to here. */
  constructor(match: GrammarMatch, before: readonly number[], canonical: CanonicalTokens) {
    this.#match = match
    this.#canonical = canonical
    this.#before = [...before]
  }

  get isOver(): boolean {
    return this.#match.isOver
  }

  go(id: number): boolean {
    if (!this.#match.acceptToken(id)) return false
    this.#before.push(id)
    this.#steps++
    return true
  }

  goForced(): readonly number[] {
    const forced = this.#match.goForced(this.#before, this.#canonical)
    this.#before.push(...forced)
    this.#steps += forced.length
    return forced
  }

  end(): void {
    this.#match.rollBack(this.#steps)
    this.#steps = 0
  }
}
