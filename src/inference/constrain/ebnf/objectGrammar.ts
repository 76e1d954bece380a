import { choice, literal, nothing, sequence, type RuleBook } from './RuleBook.js'
import { allowsNothing, type Schema } from './schemaShape.js'
import { stringGrammar } from './stringGrammar.js'

/** How values inside an object are written. */
export interface ValueGrammar {
  value(schema: unknown): string
  any(): string
}

/**
 * An object: its properties in the schema's order, the optional ones present or not. Keys that the
 * schema does not name come last, and only where it says that there may be any.
 */
export function objectGrammar(book: RuleBook, schema: Schema, values: ValueGrammar): string {
  const properties = isRecord(schema.properties) ? schema.properties : {}
  const required = new Set(Array.isArray(schema.required) ? schema.required : [])
  const unnamed = [...required].filter((name): name is string => typeof name === 'string' && !Object.hasOwn(properties, name))
  const members = [
    ...Object.entries(properties)
      .filter(([name, property]) => required.has(name) || !allowsNothing(property))
      .map(([name, property]) => ({ text: pair(name, values.value(property)), isRequired: required.has(name) })),
    ...unnamed.map((name) => ({ text: pair(name, values.any()), isRequired: true })),
  ]
  const extra = extraMembers(book, schema, members.length === 0, values)

  // Two chains of rules, from the end: what may follow a member, and what may follow the brace.
  let after = extra === undefined ? nothing : `(", " ${extra})*`
  let first = extra === undefined ? nothing : `(${extra} (", " ${extra})*)?`
  for (const { text, isRequired } of members.toReversed()) {
    const following = after
    const withComma = sequence([literal(', '), text, following])
    const without = sequence([text, following])
    after = isRequired ? withComma : book.add('more', choice([withComma, following]))
    first = isRequired ? without : book.add('first', choice([without, first]))
  }
  return book.add('object', sequence(['"{"', first, '"}"']))
}

function extraMembers(book: RuleBook, { additionalProperties: extra }: Schema, isMap: boolean, values: ValueGrammar): string | undefined {
  if (extra === undefined || allowsNothing(extra)) return undefined
  if (!isMap && extra !== true && !isRecord(extra)) return undefined
  return book.add('member', sequence([stringGrammar(book), '": "', values.value(extra)]))
}

function pair(name: string, value: string): string {
  return sequence([literal(`${JSON.stringify(name)}: `), value])
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
