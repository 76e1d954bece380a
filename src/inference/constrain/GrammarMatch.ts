import type { GrammarMatcher } from '@mlc-ai/web-xgrammar'
import type { CanonicalTokens } from './CanonicalTokens.js'

/** One walk through a compiled grammar. */
export class GrammarMatch {
  readonly #matcher: GrammarMatcher
  readonly #onError: (cause: unknown) => Error
  #mask: Int32Array | undefined
  #isBroken = false

  /** @param onError told what the library threw, after which it is of no use; gives what to throw instead. */
  constructor(matcher: GrammarMatcher, onError: (cause: unknown) => Error) {
    this.#matcher = matcher
    this.#onError = onError
  }

  /** Whether the grammar has been matched to its end. */
  get isOver(): boolean {
    return this.#guarded(() => this.#matcher.isTerminated())
  }

  /** Text that can only come next; '' where there is a choice. Ends with a whole character. */
  get certain(): string {
    // The library gives bytes as text, also where they end in the middle of a character.
    return this.isOver ? '' : this.#guarded(() => this.#matcher.findJumpForwardString()).replace(/\ufffd+$/, '')
  }

  /** Goes on by one token. False, and nothing happens, where the grammar forbids it. */
  acceptToken(id: number): boolean {
    this.#mask = undefined
    return !this.isOver && this.#guarded(() => this.#matcher.acceptToken(id))
  }

  /** Goes on by the tokens that can only come next. @param before the tokens that stand before them. */
  goForced(before: readonly number[], canonical: CanonicalTokens): readonly number[] {
    const certain = this.certain
    const tokens = certain === '' ? [] : canonical.after(before, certain)
    // Text of a schema may spell a control token.
    const end = tokens.findIndex((id) => !this.acceptToken(id))
    return end === -1 ? tokens : tokens.slice(0, end)
  }

  /** Goes back by `tokens` tokens. */
  rollBack(tokens: number): void {
    this.#mask = undefined
    if (tokens > 0) this.#guarded(() => this.#matcher.rollBack(tokens))
  }

  /** Goes on by a text. False, and nothing happens, where the grammar forbids it. */
  acceptText(text: string): boolean {
    this.#mask = undefined
    return text === '' || this.#guarded(() => this.#matcher._acceptString(text))
  }

  /** Computes which tokens may come next, for {@link mask}. */
  async prepare(): Promise<void> {
    if (this.isOver || this.#mask !== undefined) return
    try {
      this.#mask = await this.#matcher.getNextTokenBitmask()
    } catch (cause) {
      throw this.#broken(cause)
    }
  }

  /** Sets the logits of all other tokens to -Infinity. */
  mask(logits: Float32Array): void {
    const mask = this.#mask
    if (mask === undefined) return
    const covered = Math.min(logits.length, mask.length * 32)
    for (let word = 0, start = 0; start < covered; word++, start += 32) {
      const bits = mask[word]!
      if (bits === -1) continue
      const end = Math.min(start + 32, covered)
      if (bits === 0) logits.fill(-Infinity, start, end)
      else for (let id = start; id < end; id++) if ((bits & (1 << (id - start))) === 0) logits[id] = -Infinity
    }
    logits.fill(-Infinity, covered)
  }

  dispose(): void {
    if (!this.#isBroken) this.#guarded(() => this.#matcher.dispose())
  }

  #guarded<T>(run: () => T): T {
    try {
      return run()
    } catch (cause) {
      throw this.#broken(cause)
    }
  }

  #broken(cause: unknown): Error {
    this.#isBroken = true
    return this.#onError(cause)
  }
}
