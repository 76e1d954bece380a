import type { Tokenizer } from '../tokenizer/Tokenizer.js'

/** How many of the last tokens are tokenized anew together with what follows. */
const CONTEXT = 4

/** One of each kind of character that a text may go on with; what they change of its tokens is not settled. */
const continuations = ['a', 'A', '1', ' ', ' a', '\n', '"', '",', '":', '"}', ',', '.', ':', '-', '_', '/', '{', '[', '}', ']', ')', '<', '\\', 'é', '中']

const CACHE_SIZE = 500

/**
 * Tokenizes text that is certain to come as the model would have written it: not on its own, but
 * behind the tokens before it, and only as far as no continuation changes the tokens.
 */
export class CanonicalTokens {
  readonly #tokenizer: Tokenizer
  readonly #cache = new Map<string, readonly number[]>()

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer
  }

  /**
   * Tokens of the beginning of `text`, which follows the tokens `before`; none where it is not
   * clear how they go together.
   */
  after(before: readonly number[], text: string): readonly number[] {
    const context = before.slice(-CONTEXT)
    const key = `${context.join(' ')} ${text}`
    const known = this.#cache.get(key)
    if (known !== undefined) return known
    if (this.#cache.size >= CACHE_SIZE) this.#cache.clear()
    const tokens = this.#tokenize(context, text)
    this.#cache.set(key, tokens)
    return tokens
  }

  #tokenize(context: readonly number[], text: string): readonly number[] {
    for (let start = 0; start < context.length; start++) {
      const known = context.slice(start)
      const shown = this.#textOf(known)
      const settled = this.#settled(shown + text)
      if (known.every((id, i) => settled[i] === id)) return settled.slice(known.length)
    }
    return []
  }

  #settled(text: string): number[] {
    const whole = this.#tokenizer.encode(text)
    let common = whole.length
    for (const continuation of continuations) {
      const longer = this.#tokenizer.encode(text + continuation)
      let same = 0
      while (same < common && longer[same] === whole[same]) same++
      common = same
    }
    return whole.slice(0, common)
  }

  #textOf(ids: readonly number[]): string {
    const detokenizer = this.#tokenizer.createDetokenizer({ keepSpecial: true })
    return ids.map((id) => detokenizer.push(id)).join('')
  }
}
