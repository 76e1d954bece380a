import { patternGrammar, type Spelling } from './patternGrammar.js'
import { choice, literal, MAX_REPEAT, nothing, repeat, sequence, type RuleBook } from './RuleBook.js'
import type { StringLimits } from './stringGrammar.js'

const controls = '\\0-\\x08\\x0b-\\x1f\\x7f'
/** Ends an argument. */
export const argumentEnd = '</parameter>'

/** A character that begins no tag; on one line. */
const character = `[^<\\n\\t${controls}]`
/** What begins neither a number nor JSON nor with a blank: where a text's look decides its type. */
const wordStart = `[^<+\\-.0-9[{ \\n\\t${controls}]`

const spelling: Spelling = { anyCharacter: `[^<${controls}]`, unspeakable: [[0x3c, 0x3c]], spell: (text) => text }

/**
 * Text without quotes or escapes, up to and with {@link argumentEnd}, which it cannot hold. A line
 * break before that tag belongs to the tag. A pattern goes before lengths, as in JSON; texts with a
 * pattern or a short `maxLength` have no `<` but the pattern's own.
 * @param options.isWord whether the text must not look like a number, a list or an object.
 */
export function plainText(book: RuleBook, { minLength, maxLength, pattern }: StringLimits, { isWord }: { isWord: boolean }): string {
  const first = isWord ? wordStart : character
  const end = literal(`\n${argumentEnd}`)
  const matching = typeof pattern === 'string' ? patternGrammar(pattern, spelling) : undefined
  if (matching !== undefined) return book.add('match', sequence([matching, end]))
  const min = typeof minLength === 'number' && minLength > 0 ? Math.min(Math.floor(minLength), MAX_REPEAT) : 0
  const start = (length: number) => (length === 0 ? nothing : sequence([first, repeat(character, length - 1, length - 1)]))
  if (typeof maxLength === 'number' && maxLength >= min && maxLength - min <= MAX_REPEAT) {
    const lengths = Array.from({ length: Math.floor(maxLength) - min + 1 }, (_, more) => sequence([start(min + more), end]))
    return book.add('line', choice(lengths))
  }
  const rest = anyText(book)
  if (min > 0) return sequence([start(min), rest])
  return isWord ? book.add('word', choice([sequence(['"\\n"?', literal(argumentEnd)]), sequence([first, rest])])) : rest
}

/**
 * Any text up to the first tag that ends it. Written with characters and the parts of the tag it would be a rule
 * for each part, and compile nine times as long.
 */
function anyText(book: RuleBook): string {
  return book.add('until', `TagDispatch(stop_eos=false, stop_str=(${literal(argumentEnd)}), loop_after_dispatch=false)`)
}
