import type { JSONSchema } from '../types.js'

/** Text that a model may write, as data: what a grammar for constrained decoding is made from. */
export type GrammarNode =
  /** Exactly this text. */
  | { text: string }
  /** JSON that fits a schema, with a space after `:` and `,`. */
  | { json: JSONSchema }
  /** One after the other. */
  | { sequence: readonly GrammarNode[] }
  /** One of them. */
  | { choice: readonly GrammarNode[] }
  /** One or more, with `separator` between. */
  | { list: GrammarNode; separator: string }

/** How calls are written after one of a format's opening strings. */
export interface CallGrammar {
  /** One of the format's `opening` strings. */
  opening: string
  /** What follows it, up to the end of the closing string; text is free again after that. */
  block: GrammarNode
  /** Whether the answer ends with the block. Such a block may end where more of it could follow. Default false. */
  isLast?: boolean
}
