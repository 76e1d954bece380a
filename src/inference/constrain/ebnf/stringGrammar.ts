import type { Notation, Quoting } from './Notation.js'
import { patternGrammar } from './patternGrammar.js'
import { choice, literal, MAX_REPEAT, repeat, sequence, type RuleBook } from './RuleBook.js'

/** Limits of a JSON Schema of type string. */
export interface StringLimits {
  minLength?: unknown
  maxLength?: unknown
  pattern?: unknown
}

/**
 * A string between quotes. A pattern goes before lengths: what the grammar cannot join is validated
 * afterwards. Strings with a pattern or a short `maxLength` are written without escapes.
 */
export function stringGrammar(book: RuleBook, { quotings, afterString }: Notation, limits: StringLimits = {}): string {
  return choice(
    quotings.map((quoting) => {
      const quote = literal(quoting.quote)
      // The lookahead lets the compiler decide tokens such as `",` in advance; without it, a mask inside of
      // a string takes a hundred times as long.
      return book.add('text', `${quote} ${content(book, quoting, limits)} (=[${afterString}])`)
    }),
  )
}

/** What follows the opening quote, the closing one included. */
function content(book: RuleBook, quoting: Quoting, { minLength, maxLength, pattern }: StringLimits): string {
  const quote = literal(quoting.quote)
  const matching = typeof pattern === 'string' ? patternGrammar(pattern, quoting) : undefined
  if (matching !== undefined) return sequence([matching, quote])
  const { anyCharacter } = quoting
  const min = typeof minLength === 'number' && minLength > 0 ? Math.min(Math.floor(minLength), MAX_REPEAT) : 0
  const start = repeat(anyCharacter, min, min)
  if (typeof maxLength === 'number' && maxLength >= min && maxLength - min <= MAX_REPEAT) {
    // One alternative for each length: rules that call each other cost more.
    const lengths = Array.from({ length: Math.floor(maxLength) - min + 1 }, (_, more) => `${`${anyCharacter} `.repeat(more)}${quote}`)
    return sequence([start, choice(lengths)])
  }
  return sequence([start, quoting.content(book), quote])
}
