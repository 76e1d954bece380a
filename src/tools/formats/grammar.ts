import type { JSONSchema } from '../types.js'

/** How a family writes values where that is not JSON: plain data. */
export type ValueNotation =
  /** Python's literals. `apostrophes`: strings between single quotes hold apostrophes and line breaks as they are. */
  | { kind: 'python'; apostrophes: boolean }
  /** Gemma's: `quote` stands around strings, and nothing is escaped. */
  | { kind: 'gemma'; quote: string }

/** Text that a model may write, as data: what a grammar for constrained decoding is made from. */
export type GrammarNode =
  /** Exactly this text. */
  | { text: string }
  /** JSON that fits a schema, with a space after `:` and `,`, or `compact`, without. */
  | { json: JSONSchema; compact?: boolean }
  /** A call's arguments that fit a schema, in the family's notation, without what encloses them. */
  | { arguments: JSONSchema; notation: ValueNotation }
  /** Arguments that fit a schema as `<parameter=key>`, the value and `</parameter>`, each on lines of their own. */
  | { xml: JSONSchema }
  /** One after the other. */
  | { sequence: readonly GrammarNode[] }
  /** One of them. */
  | { choice: readonly GrammarNode[] }
  /** One or more, with `separator` between. */
  | { list: GrammarNode; separator: string }

/** How calls are written after one of a format's opening strings. */
export interface CallGrammar {
  /** One of the format's `opening` strings, or what its `opensInHeader` gives. */
  opening: string
  /** Beginnings of the block of which one has to be written before a call is certain. Default: the opening is enough. */
  starts?: readonly string[]
  /** What follows it, up to the end of the closing string; text is free again after that. */
  block: GrammarNode
  /** Whether the answer ends with the block. Such a block may end where more of it could follow. Default false. */
  isLast?: boolean
}
