import type { LiteralNotation, LiteralToken } from './LiteralWriter.js'

const escapes: { readonly [character: string]: string } = {
  '\n': '', '\\': '\\', "'": "'", '"': '"', a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v',
}
const hexDigits: { readonly [character: string]: number } = { x: 2, u: 4, U: 8 }

/** Python's words for values, and JSON's, which models mix in. */
const constants: { readonly [word: string]: string } = {
  True: 'true', False: 'false', None: 'null', true: 'true', false: 'false', null: 'null',
}

/** Python's literals. */
export const pythonLiterals: LiteralNotation = {
  assign: '=',
  trailingComma: true,
  uniqueArguments: true,
  atom: (word) => (Object.hasOwn(constants, word) ? constants[word] : readNumber(word)),
}

/**
 * Splits Python literals into tokens, a character at a time. Strings of every kind of quotes are read with
 * Python's escapes; line breaks may stand in them as they are.
 */
export class PythonLexer {
  readonly #emit: (token: LiteralToken) => void
  #state: 'outside' | 'opening' | 'inside' | 'escape' | 'closing' = 'outside'
  #word = ''
  #quote = ''
  /** Quotes in a row, at either end of a string. */
  #quotes = 0
  #triple = false
  #raw = false
  /** An escape so far, its backslash included. */
  #escape = ''

  constructor(emit: (token: LiteralToken) => void) {
    this.#emit = emit
  }

  push(character: string): void {
    if (this.#state === 'outside') this.#pushOutside(character)
    else if (this.#state === 'opening') this.#pushOpening(character)
    else if (this.#state === 'inside') this.#pushInside(character)
    else if (this.#state === 'escape') this.#pushEscape(character)
    else this.#pushClosing(character)
  }

  #pushOutside(character: string): void {
    if (/[\p{L}\p{N}_.+-]/u.test(character)) {
      this.#word += character
      return
    }
    const isQuote = character === '"' || character === "'"
    this.#raw = isQuote && /^r$/i.test(this.#word)
    if (this.#word !== '' && !this.#raw) this.#emit({ type: 'word', word: this.#word })
    this.#word = ''
    if (isQuote) {
      this.#quote = character
      this.#quotes = 1
      this.#triple = false
      this.#state = 'opening'
      this.#emit({ type: 'string-start' })
    } else if (!/\s/.test(character)) {
      this.#emit({ type: 'mark', mark: character })
    }
  }

  #pushOpening(character: string): void {
    if (character === this.#quote) {
      this.#quotes++
      if (this.#quotes === 2) return
      this.#triple = true
      this.#state = 'inside'
      this.#quotes = 0
      return
    }
    const isEmpty = this.#quotes === 2
    this.#quotes = 0
    this.#state = isEmpty ? 'outside' : 'inside'
    if (isEmpty) this.#emit({ type: 'string-end' })
    this.push(character)
  }

  #pushInside(character: string): void {
    if (character === '\\' && !this.#raw) {
      this.#escape = character
      this.#state = 'escape'
    } else if (character === this.#quote) {
      this.#quotes = 1
      this.#state = 'closing'
    } else {
      this.#emit({ type: 'string', text: character })
    }
  }

  /**
   * A quote right before a letter or digit is an apostrophe: in Python nothing could stand there, and
   * LFM2.5's template writes strings between single quotes as they are.
   */
  #pushClosing(character: string): void {
    if (this.#triple && character === this.#quote) {
      this.#quotes++
      if (this.#quotes === 3) this.#end()
      return
    }
    if (this.#triple || /[\p{L}\p{N}]/u.test(character)) {
      this.#emit({ type: 'string', text: this.#quote.repeat(this.#quotes) })
      this.#state = 'inside'
    } else {
      this.#end()
    }
    this.push(character)
  }

  #end(): void {
    this.#quotes = 0
    this.#state = 'outside'
    this.#emit({ type: 'string-end' })
  }

  #pushEscape(character: string): void {
    const kind = this.#escape[1]
    const wanted = kind === undefined ? undefined : hexDigits[kind]
    if (kind === undefined && (character in hexDigits || isOctal(character))) {
      this.#escape += character
    } else if (kind === undefined) {
      this.#endEscape(Object.hasOwn(escapes, character) ? (escapes[character] ?? '') : `\\${character}`)
    } else if (wanted === undefined) {
      if (isOctal(character) && this.#escape.length < 4) this.#escape += character
      else this.#endEscape(String.fromCharCode(parseInt(this.#escape.slice(1), 8)), character)
    } else if (!/[\da-f]/i.test(character)) {
      this.#endEscape(this.#escape, character)
    } else {
      this.#escape += character
      if (this.#escape.length < wanted + 2) return
      const code = parseInt(this.#escape.slice(2), 16)
      this.#endEscape(code <= 0x10ffff ? String.fromCodePoint(code) : this.#escape)
    }
  }

  /** `next`: a character that turned out to stand behind the escape. */
  #endEscape(text: string, next?: string): void {
    this.#state = 'inside'
    this.#escape = ''
    if (text !== '') this.#emit({ type: 'string', text })
    if (next !== undefined) this.push(next)
  }
}

function isOctal(character: string): boolean {
  return character >= '0' && character <= '7'
}

/** JSON of a Python number, digit by digit the same where JSON knows the notation. */
function readNumber(word: string): string | undefined {
  const digits = word.replace(/(\d)_(?=\d)/g, '$1')
  if (/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(digits)) return digits
  if (/^[+-]?(0x[\da-f]+|0o[0-7]+|0b[01]+)$/i.test(digits)) {
    const sign = digits.startsWith('-') ? '-' : ''
    return sign + String(Number(digits.replace(/^[+-]/, '')))
  }
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(digits) || /^[+-]?0\d/.test(digits)) return undefined
  return String(Number(digits))
}
