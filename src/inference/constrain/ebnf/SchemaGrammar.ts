import { decimalGrammar, integerGrammar, type NumberBounds } from './numberGrammar.js'
import { objectGrammar } from './objectGrammar.js'
import { choice, nothing, repeat, sequence, type RuleBook } from './RuleBook.js'
import { allowsNothing, mergeSchemas, resolveReference, typesOf, type Schema } from './schemaShape.js'
import { jsonLiteral, stringGrammar } from './stringGrammar.js'

const MAX_DEPTH = 64

/**
 * Writes the JSON that fits a JSON Schema (draft 2020-12) as EBNF, spaced as models were trained
 * on it, properties in the schema's order. What EBNF cannot say (`uniqueItems`, `multipleOf`,
 * `not`, formats, …) is left out, so the grammar allows a little more than the schema, never less
 * than one valid value; validation has the last word.
 */
export class SchemaGrammar {
  readonly #book: RuleBook
  readonly #root: Schema
  readonly #references = new Map<string, string>()
  #depth = 0

  /** @param root what `$ref` is relative to. */
  constructor(book: RuleBook, root: Schema) {
    this.#book = book
    this.#root = root
  }

  /** The expression of any value of `schema`. */
  value(schema: unknown = this.#root): string {
    // Schemas that contain themselves other than through a property's $ref have no bottom.
    if (this.#depth >= MAX_DEPTH) return this.#any()
    this.#depth++
    try {
      return this.#describe(schema)
    } finally {
      this.#depth--
    }
  }

  #describe(schema: unknown): string {
    if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return this.#any()
    const { $ref, allOf, anyOf, oneOf, ...plain } = schema as Schema
    if (typeof $ref === 'string') return this.#reference($ref)
    if ('const' in plain) return jsonLiteral(plain.const)
    if (Array.isArray(plain.enum) && plain.enum.length > 0) return this.#book.add('enum', choice(plain.enum.map(jsonLiteral)))
    if (Array.isArray(allOf)) return this.value(this.#merge({ ...plain, ...(anyOf !== undefined && { anyOf }), ...(oneOf !== undefined && { oneOf }) }, allOf))
    const branches = Array.isArray(anyOf) ? anyOf : oneOf
    if (Array.isArray(branches)) return this.#branches(plain, branches)
    const types = typesOf(plain)
    return types.length === 0 ? this.#any() : choice(types.map((type) => this.#typed(type, plain)))
  }

  #merge(base: Schema, parts: readonly unknown[]): Schema {
    return parts.reduce<Schema>((merged, part) => mergeSchemas(merged, this.#resolved(part)), base)
  }

  #branches(base: Schema, branches: readonly unknown[]): string {
    const possible = branches.filter((branch) => !allowsNothing(branch))
    if (possible.length === 0) return this.value(base)
    const isBare = Object.keys(base).every((key) => annotations.has(key))
    return choice(possible.map((branch) => this.value(isBare ? branch : this.#merge(base, [branch]))))
  }

  #resolved(schema: unknown): unknown {
    const { $ref } = (schema ?? {}) as { $ref?: unknown }
    return typeof $ref === 'string' ? resolveReference(this.#root, $ref) : schema
  }

  /** Referenced schemas are rules, so that they can contain themselves. */
  #reference(pointer: string): string {
    const known = this.#references.get(pointer)
    if (known !== undefined) return known
    const target = resolveReference(this.#root, pointer)
    if (target === undefined) return this.#any()
    const name = this.#book.reserve('ref')
    this.#references.set(pointer, name)
    this.#book.fill(name, this.value(target))
    return name
  }

  #typed(type: string, schema: Schema): string {
    switch (type) {
      case 'string':
        return stringGrammar(this.#book, schema)
      case 'integer':
        return this.#book.add('integer', integerGrammar(bounds(schema, 1)))
      case 'number':
        return this.#book.add('number', decimalGrammar(bounds(schema, 0)))
      case 'boolean':
        return '("true" | "false")'
      case 'null':
        return '"null"'
      case 'object':
        return objectGrammar(this.#book, schema, { value: (part) => this.value(part), any: () => this.#any() })
      case 'array':
        return this.#array(schema)
      default:
        return this.#any()
    }
  }

  #array({ items, prefixItems, minItems, maxItems }: Schema): string {
    const first = Array.isArray(prefixItems) ? prefixItems.map((item) => this.value(item)) : []
    const min = typeof minItems === 'number' ? minItems : 0
    const max = allowsNothing(items) ? first.length : typeof maxItems === 'number' ? maxItems : undefined
    if (max === 0) return '"[]"'
    if (first.length > 0) return this.#book.add('tuple', this.#tuple(first, items, max))
    const item = this.value(items)
    const list = sequence([item, repeat(`", " ${item}`, Math.max(min - 1, 0), max === undefined ? undefined : max - 1)])
    return this.#book.add('array', sequence(['"["', min > 0 ? list : `(${list})?`, '"]"']))
  }

  /** All leading items, also where the schema lets the list end among them. */
  #tuple(first: readonly string[], items: unknown, max: number | undefined): string {
    const taken = first.slice(0, max)
    const more = taken.length === max ? nothing : repeat(`", " ${this.value(items)}`, 0, max === undefined ? undefined : max - taken.length)
    return sequence(['"["', taken.join(' ", " '), more, '"]"'])
  }

  #any(): string {
    const name = 'value'
    const string = stringGrammar(this.#book)
    const number = this.#book.add('number', decimalGrammar({ min: undefined, max: undefined }))
    const list = (item: string) => `(${item} (", " ${item})*)?`
    this.#book.fill(name, `${string} | ${number} | "true" | "false" | "null" | "[" ${list(name)} "]" | "{" ${list(`${string} ": " ${name}`)} "}"`)
    return name
  }
}

/** Keywords that say nothing about a value. */
const annotations = new Set(['title', 'description', 'default', 'examples', '$schema', '$id', '$comment', '$defs', 'definitions', 'deprecated', 'readOnly', 'writeOnly'])

/** @param step by how much a value must differ from an exclusive bound; for decimals the bound itself passes. */
function bounds({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema, step: number): NumberBounds {
  const lows = [minimum, typeof exclusiveMinimum === 'number' ? above(exclusiveMinimum, step) : undefined].filter(isNumber)
  const highs = [maximum, typeof exclusiveMaximum === 'number' ? -above(-exclusiveMaximum, step) : undefined].filter(isNumber)
  return {
    min: lows.length > 0 ? Math.max(...lows) : undefined,
    max: highs.length > 0 ? Math.min(...highs) : undefined,
  }
}

function above(bound: number, step: number): number {
  return step === 0 ? bound : Math.floor(bound) + step
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}
