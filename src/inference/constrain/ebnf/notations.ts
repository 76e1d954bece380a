import type { ValueNotation } from '../../../tools/formats/grammar.js'
import { gemmaKey, toGemma } from '../../../tools/formats/gemmaNotation.js'
import { isPythonName, plainlyQuoted, singleQuoted, toPython } from '../../../tools/formats/pythonCall.js'
import { toSpacedJSON } from '../../../tools/spacedJSON.js'
import type { Notation, Quoting } from './Notation.js'
import { choice, literal, type RuleBook } from './RuleBook.js'

const hex = '[0-9a-fA-F]{4}'

const doubleQuotes: Quoting = {
  quote: '"',
  anyCharacter: '[^"\\\\\\0-\\x1f\\x7f]',
  unspeakable: [[0x22, 0x22], [0x5c, 0x5c]],
  spell: (character) => JSON.stringify(character).slice(1, -1),
  content: (book) => escaped(doubleQuotes, book.add('escape', `["\\\\/bfnrt] | "u" ${hex}`)),
}

/** JSON with a space after `:` and `,`. */
export const jsonNotation: Notation = {
  name: 'json',
  comma: ', ',
  true: 'true',
  false: 'false',
  null: 'null',
  quotings: [doubleQuotes],
  afterString: ',}\\]:',
  constant: (value) => literal(toSpacedJSON(value)),
  key: (name) => literal(`${JSON.stringify(name)}: `),
  anyKey: (string) => `${string} ": "`,
}

/** Python reads every escape that JSON writes, but leaves `\/` as it is. */
const pythonEscape = (book: RuleBook) => book.add('escape', `["'\\\\bfnrt] | "u" ${hex}`)

const pythonDoubleQuotes: Quoting = { ...doubleQuotes, content: (book) => escaped(pythonDoubleQuotes, pythonEscape(book)) }

const pythonSingleQuotes: Quoting = {
  quote: "'",
  anyCharacter: "[^'\\\\\\0-\\x1f\\x7f]",
  unspeakable: [[0x27, 0x27], [0x5c, 0x5c]],
  spell: (character) => singleQuoted(character).slice(1, -1),
  content: (book) => escaped(pythonSingleQuotes, pythonEscape(book)),
}

/** Letters and digits that a quote before them makes an apostrophe: classes hold ASCII only, so of others those of Latin 1. */
const apostrophe = `("'" (${['[0-9A-Za-z]', ...latin1Letters().map(literal)].join(' | ')}))`

/** Apostrophes and line breaks stand as they are. The string cannot begin with an apostrophe: two quotes are an empty string. */
const plainSingleQuotes: Quoting = {
  ...pythonSingleQuotes,
  anyCharacter: "[^'\\\\\\0-\\x08\\x0b-\\x1f\\x7f]",
  content(book) {
    const { anyCharacter } = plainSingleQuotes
    const some = `${anyCharacter} ${anyCharacter}* ${apostrophe} ${apostrophe}*`
    return `(${anyCharacter}* "\\\\" ${pythonEscape(book)} | ${some})* ${anyCharacter}*`
  },
}

function python(singleQuotes: Quoting, inSingle: (text: string) => string): Notation {
  const text = (name: string, behind: string) => choice([literal(JSON.stringify(name) + behind), literal(inSingle(name) + behind)])
  return {
    name: 'python',
    comma: ', ',
    true: 'True',
    false: 'False',
    null: 'None',
    quotings: [pythonDoubleQuotes, singleQuotes],
    afterString: ',}\\]):',
    constant: (value) => choice([literal(toPython(value)), literal(toPython(value, inSingle))]),
    key: (name) => text(name, ': '),
    anyKey: (string) => `${string} ": "`,
    argument: {
      key: (name) => (isPythonName(name) ? literal(`${name}=`) : undefined),
      anyKey: '[A-Za-z_] [A-Za-z0-9_]* "="',
    },
  }
}

/** Nothing is escaped: a string ends with the first quote, whose first character stands nowhere else in it. */
function gemma(quote: string): Notation {
  const first = quote.charCodeAt(0)
  const others = (next: string) => `[^${quote[0]}${next}\\0-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f]`
  const plain = others('')
  /** What may stand behind the first `matched` characters of the quote, up to where it may begin anew. */
  const unlike = (matched: number): string => {
    const next = quote.charAt(matched)
    const diverging = `${others(next)} ${plain}*`
    return matched === quote.length - 1 ? `(${diverging})?` : `(${diverging} | ${literal(next)} ${unlike(matched + 1)})?`
  }
  return {
    name: 'gemma',
    comma: ',',
    true: 'true',
    false: 'false',
    null: 'null',
    quotings: [
      {
        quote,
        anyCharacter: plain,
        unspeakable: [[first, first]],
        spell: (character) => (character === quote[0] ? undefined : character),
        content: () => `${plain}* (${literal(quote.charAt(0))} ${unlike(1)})*`,
      },
    ],
    afterString: ',}\\]:',
    constant: (value) => (JSON.stringify(value).includes(JSON.stringify(quote).slice(1, -1)) ? undefined : literal(toGemma(value, quote))),
    key: (name) => literal(`${gemmaKey(name, quote)}:`),
    anyKey: () => '[^:{}\\[\\],<"\\0-\\x20\\x7f] [^:{}\\[\\],<"\\0-\\x20\\x7f]* ":"',
  }
}

/** The notation that `described` describes. */
export function notationOf(described: ValueNotation): Notation {
  if (described.kind === 'gemma') return gemma(described.quote)
  return described.apostrophes ? python(plainSingleQuotes, plainlyQuoted) : python(pythonSingleQuotes, singleQuoted)
}

/** Any text with escapes, `escape` being what may follow a backslash. */
function escaped({ anyCharacter }: Quoting, escape: string): string {
  return `(${anyCharacter}* "\\\\" ${escape})* ${anyCharacter}*`
}

function latin1Letters(): string[] {
  return Array.from({ length: 0x40 }, (_, i) => String.fromCodePoint(0xc0 + i)).filter((letter) => !'×÷'.includes(letter))
}
