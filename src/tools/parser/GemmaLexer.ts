import type { LiteralNotation, LiteralToken, LiteralWriter } from './LiteralWriter.js'

/** How a generation of Gemma writes values. */
export interface GemmaNotation {
  /** The token before and after every string. Nothing is escaped in between. */
  quote: string
  /** Whether slips are read: strings in JSON's quotes, and values without any, which are text if they are nothing else. */
  lenient: boolean
}

const constants: { readonly [word: string]: string } = { true: 'true', false: 'false', null: 'null' }
const slips: { readonly [word: string]: string } = { True: 'true', False: 'false', None: 'null', none: 'null' }

/**
 * Gemma's values: objects with bare keys, lists, numbers, and strings between tokens.
 * @param isText whether an argument is text by its tool's schema, so that it is one without quotes, too.
 */
export function gemmaLiterals({ lenient }: GemmaNotation, isText: (argument: string) => boolean): LiteralNotation {
  return {
    assign: ':',
    trailingComma: lenient,
    uniqueArguments: false,
    atom(word, argument) {
      if (lenient && argument !== undefined && isText(argument)) return JSON.stringify(word)
      if (Object.hasOwn(constants, word)) return constants[word]
      if (/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(word)) return word
      if (!lenient) return undefined
      return Object.hasOwn(slips, word) ? slips[word] : JSON.stringify(word)
    },
  }
}

/** Splits Gemma's notation into tokens for a writer, a character at a time. What a word is, its place tells. */
export class GemmaLexer {
  readonly #notation: GemmaNotation
  readonly #writer: LiteralWriter
  #string: 'outside' | 'inside' | 'json' = 'outside'
  /** A key or a value without quotes. */
  #word = ''
  /** Characters that may yet become the quote, or an escape in a string of JSON. */
  #held = ''

  constructor(notation: GemmaNotation, writer: LiteralWriter) {
    this.#notation = notation
    this.#writer = writer
  }

  push(character: string): void {
    if (this.#string === 'inside') this.#pushInside(character)
    else if (this.#string === 'json') this.#pushJSON(character)
    else if (this.#held !== '' || (character === this.#notation.quote.charAt(0) && this.#word.trim() === '')) this.#pushQuote(character)
    else this.#pushOutside(character)
  }

  #pushOutside(character: string): void {
    const { expects } = this.#writer
    const isEmpty = this.#word.trim() === ''
    const ends = expects === 'key' ? /[:{}[\],<]/ : expects === 'value' && !isEmpty ? /[,}\]<]/ : /[{[}\],<]/
    if (character === '"' && this.#notation.lenient && isEmpty) {
      this.#word = ''
      this.#string = 'json'
      this.#emit({ type: 'string-start' })
    } else if (expects === undefined ? !/\s/.test(character) : ends.test(character)) {
      // A key can be empty, a value cannot.
      if (!isEmpty || (expects === 'key' && character === ':')) this.#emit({ type: 'word', word: this.#word.trim() })
      this.#word = ''
      this.#emit({ type: 'mark', mark: character })
    } else if (!isEmpty || !/\s/.test(character)) {
      this.#word += character
    }
  }

  /** The quote that opens a string. */
  #pushQuote(character: string): void {
    this.#held += character
    if (this.#held === this.#notation.quote) {
      this.#held = ''
      this.#word = ''
      this.#string = 'inside'
      this.#emit({ type: 'string-start' })
    } else if (!this.#notation.quote.startsWith(this.#held)) {
      this.#emit({ type: 'mark', mark: this.#held })
    }
  }

  #pushInside(character: string): void {
    const { quote } = this.#notation
    this.#held += character
    while (this.#held !== '' && !quote.startsWith(this.#held)) {
      this.#emit({ type: 'string', text: this.#held.charAt(0) })
      this.#held = this.#held.slice(1)
    }
    if (this.#held !== quote) return
    this.#held = ''
    this.#end()
  }

  #pushJSON(character: string): void {
    if (this.#held === '' && character === '"') return this.#end()
    this.#held += character
    if (this.#held === '\\' || (this.#held.startsWith('\\u') && this.#held.length < 6)) return
    this.#emit({ type: 'string', text: readEscape(this.#held) })
    this.#held = ''
  }

  #end(): void {
    this.#string = 'outside'
    this.#emit({ type: 'string-end' })
  }

  #emit(token: LiteralToken): void {
    this.#writer.push(token)
  }
}

function readEscape(text: string): string {
  if (!text.startsWith('\\')) return text
  try {
    return String(JSON.parse(`"${text}"`))
  } catch {
    return text
  }
}
