import type { Notation } from './Notation.js'
import { choice, literal, nothing, sequence, type RuleBook } from './RuleBook.js'
import { allowsNothing, type Schema } from './schemaShape.js'
import { stringGrammar } from './stringGrammar.js'

/** How values inside an object are written. */
export interface ValueGrammar {
  notation: Notation
  value(schema: unknown): string
  any(): string
}

interface Property {
  name: string
  /** The expression of its value. */
  value: string
  isRequired: boolean
}

/** A property with its key: an expression. */
interface Member {
  text: string
  isRequired: boolean
}

/**
 * An object: its properties in the schema's order, the optional ones present or not. Keys that the
 * schema does not name come last, and only where it says that there may be any.
 */
export function objectGrammar(book: RuleBook, schema: Schema, values: ValueGrammar): string {
  const { notation } = values
  const properties = propertiesOf(schema, values)
  const members = properties.map((property) => member(property, notation.key(property.name)))
  const extra = extraMember(book, schema, { isMap: members.length === 0, key: notation.anyKey(stringGrammar(book, notation)) }, values)
  return book.add('object', sequence(['"{"', ...listOf(book, notation, members, extra), '"}"']))
}

/** The arguments of a call, without what encloses them. Names that no argument can have are spread from an object. */
export function argumentsGrammar(book: RuleBook, schema: Schema, values: ValueGrammar): string {
  const { notation } = values
  const argument = notation.argument ?? { key: notation.key, anyKey: notation.anyKey(stringGrammar(book, notation)) }
  const properties = propertiesOf(schema, values)
  const members: Member[] = []
  const spread: Member[] = []
  for (const property of properties) {
    const key = argument.key(property.name)
    if (key === undefined) spread.push(member(property, notation.key(property.name)))
    else members.push(member(property, key))
  }
  if (spread.length > 0) {
    const { some } = chain(book, notation, spread, undefined)
    members.push({ text: sequence(['"**{"', some ?? nothing, '"}"']), isRequired: spread.some(({ isRequired }) => isRequired) })
  }
  const extra = extraMember(book, schema, { isMap: members.length === 0, key: argument.anyKey }, values)
  return sequence(listOf(book, notation, members, extra))
}

function propertiesOf(schema: Schema, values: ValueGrammar): Property[] {
  const properties = isRecord(schema.properties) ? schema.properties : {}
  const required = new Set(Array.isArray(schema.required) ? schema.required : [])
  const unnamed = [...required].filter((name): name is string => typeof name === 'string' && !Object.hasOwn(properties, name))
  return [
    ...Object.entries(properties)
      .filter(([name, property]) => required.has(name) || !allowsNothing(property))
      .map(([name, property]) => ({ name, value: values.value(property), isRequired: required.has(name) })),
    ...unnamed.map((name) => ({ name, value: values.any(), isRequired: true })),
  ]
}

function member({ value, isRequired }: Property, key: string): Member {
  return { text: sequence([key, value]), isRequired }
}

function extraMember(
  book: RuleBook,
  { additionalProperties: extra }: Schema,
  { isMap, key }: { isMap: boolean; key: string },
  values: ValueGrammar,
): string | undefined {
  if (extra === undefined || allowsNothing(extra)) return undefined
  if (!isMap && extra !== true && !isRecord(extra)) return undefined
  return book.add('member', sequence([key, values.value(extra)]))
}

function listOf(book: RuleBook, notation: Notation, members: readonly Member[], extra: string | undefined): string[] {
  const { some, mayBeNone } = chain(book, notation, members, extra)
  if (some === undefined) return []
  return [mayBeNone ? `(${some})?` : some]
}

/**
 * Members in their order. Two chains of rules, from the end: what may follow a member, and what may stand first.
 * @returns `some`: at least one of them, undefined where there are none.
 */
function chain(book: RuleBook, { comma }: Notation, members: readonly Member[], extra: string | undefined): { some: string | undefined; mayBeNone: boolean } {
  let after = extra === undefined ? nothing : `(${literal(comma)} ${extra})*`
  let some = extra === undefined ? undefined : sequence([extra, after])
  let mayBeNone = true
  for (const { text, isRequired } of members.toReversed()) {
    const withComma = sequence([literal(comma), text, after])
    const without = sequence([text, after])
    after = isRequired ? withComma : book.add('more', choice([withComma, after]))
    some = isRequired || some === undefined ? without : book.add('first', choice([without, some]))
    if (isRequired) mayBeNone = false
  }
  return { some, mayBeNone }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
