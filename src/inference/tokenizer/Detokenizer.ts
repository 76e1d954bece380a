/** What a {@link Detokenizer} needs to know of a token. */
export interface TokenText {
  /** The bytes the token stands for. */
  bytes: Uint8Array
  /** A marker such as `<|im_end|>` that is left out of plain text. */
  special: boolean
}

/** How a {@link Detokenizer} treats what it reads. */
export interface DetokenizerOptions {
  /** Whether special tokens appear in the text. */
  keepSpecial: boolean
  /** Whether one leading space of the whole text is dropped. */
  stripStart: boolean
}

/**
 * Turns a stream of token ids into text, token by token, each in constant time. A character
 * whose bytes are spread over several tokens appears when its last byte has come; nothing else
 * is ever held back.
 */
export class Detokenizer {
  readonly #lookup: (id: number) => TokenText
  readonly #keepSpecial: boolean
  // ignoreBOM: a byte order mark that the model writes is text like any other.
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  #stripStart: boolean

  constructor(lookup: (id: number) => TokenText, options: DetokenizerOptions) {
    this.#lookup = lookup
    this.#keepSpecial = options.keepSpecial
    this.#stripStart = options.stripStart
  }

  /** The text that token `id` completes; often a word, sometimes nothing yet. */
  push(id: number): string {
    const token = this.#lookup(id)
    if (token.special && !this.#keepSpecial) return ''
    const text = this.#decoder.decode(token.bytes, { stream: true })
    if (!this.#stripStart || text === '') return text
    this.#stripStart = false
    return text.startsWith(' ') ? text.slice(1) : text
  }

  /**
   * Ends the text. Bytes of a character that never became whole are dropped, so that a text cut
   * by `maxTokens` does not end in U+FFFD.
   */
  finish(): string {
    this.#decoder.decode()
    return ''
  }
}
