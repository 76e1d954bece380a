import { toSpacedJSON } from '../../../tools/spacedJSON.js'
import { patternGrammar } from './patternGrammar.js'
import { choice, literal, MAX_REPEAT, repeat, sequence, type RuleBook } from './RuleBook.js'

/** What may stand in JSON text unescaped. */
const plainCharacter = '[^"\\\\\\0-\\x1f\\x7f]'

/**
 * What may stand behind a string. It lets the compiler decide tokens such as `",` in advance;
 * without it, a mask inside of a string takes a hundred times as long.
 */
const lookahead = '(=[,}\\]:])'

/** Limits of a JSON Schema of type string. */
export interface StringLimits {
  minLength?: unknown
  maxLength?: unknown
  pattern?: unknown
}

/**
 * A string as JSON text. A pattern goes before lengths: what the grammar cannot join is validated
 * afterwards. Strings with a pattern or a short `maxLength` are written without escapes.
 */
export function stringGrammar(book: RuleBook, { minLength, maxLength, pattern }: StringLimits = {}): string {
  const text = (content: string) => book.add('text', `"\\"" ${content} ${lookahead}`)
  const matching = typeof pattern === 'string' ? patternGrammar(pattern, plainCharacter) : undefined
  if (matching !== undefined) return text(`${matching} "\\""`)
  const min = typeof minLength === 'number' && minLength > 0 ? Math.min(Math.floor(minLength), MAX_REPEAT) : 0
  const start = repeat(plainCharacter, min, min)
  if (typeof maxLength === 'number' && maxLength >= min && maxLength - min <= MAX_REPEAT) {
    // One alternative for each length: rules that call each other cost more.
    const lengths = Array.from({ length: Math.floor(maxLength) - min + 1 }, (_, more) => `${`${plainCharacter} `.repeat(more)}"\\""`)
    return text(sequence([start, choice(lengths)]))
  }
  const escape = book.add('escape', '["\\\\/bfnrt] | "u" [0-9a-fA-F]{4}')
  return text(sequence([start, `(${plainCharacter}* "\\\\" ${escape})* ${plainCharacter}* "\\""`]))
}

/** One of the texts, as JSON. */
export function jsonLiteral(value: unknown): string {
  return literal(toSpacedJSON(value))
}
