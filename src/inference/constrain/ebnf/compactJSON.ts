import type { Notation } from './Notation.js'
import { jsonNotation } from './notations.js'
import { literal } from './RuleBook.js'

/** JSON without blanks. */
export const compactJSON: Notation = {
  ...jsonNotation,
  name: 'compact',
  comma: ',',
  constant: (value) => literal(JSON.stringify(value)),
  key: (name) => literal(`${JSON.stringify(name)}:`),
  anyKey: (string) => `${string} ":"`,
}
