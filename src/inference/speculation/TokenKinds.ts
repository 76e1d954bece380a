import type { Tokenizer } from '../tokenizer/Tokenizer.js'

const UNKNOWN = -1

/**
 * Tokens whose texts differ only in capitals and in blanks around them are of one kind: what a user writes in the
 * middle of a sentence stands at the start of an argument with other tokens.
 */
export class TokenKinds {
  readonly #tokenizer: Tokenizer
  readonly #kinds: Int32Array
  readonly #byText = new Map<string, number>()

  constructor(tokenizer: Tokenizer, vocabSize: number) {
    this.#tokenizer = tokenizer
    this.#kinds = new Int32Array(vocabSize).fill(UNKNOWN)
  }

  /** The kind of a token: the same small number for all tokens of it. */
  of(id: number): number {
    const known = this.#kinds[id]
    if (known !== undefined && known !== UNKNOWN) return known
    const text = this.#textOf(id)
    const kind = this.#byText.get(text) ?? this.#byText.size
    this.#byText.set(text, kind)
    this.#kinds[id] = kind
    return kind
  }

  #textOf(id: number): string {
    const text = this.#tokenizer.createDetokenizer({ keepSpecial: true }).push(id)
    // Nothing shows of a part of a character, and of a blank nothing is left.
    return text.trim() === '' ? `${text} ${id}` : text.trim().toLowerCase()
  }
}
