import { decimalGrammar, integerGrammar, type NumberBounds } from './numberGrammar.js'
import type { Notation } from './Notation.js'
import { jsonNotation } from './notations.js'
import { argumentsGrammar, objectGrammar, type ValueGrammar } from './objectGrammar.js'
import { choice, literal, nothing, repeat, sequence, type RuleBook } from './RuleBook.js'
import { allowsNothing, mergeSchemas, resolveReference, typesOf, type Schema } from './schemaShape.js'
import { stringGrammar } from './stringGrammar.js'

const MAX_DEPTH = 64

/** Where a value stands: `arguments` are a call's, which some notations do not write as an object. */
type Place = 'value' | 'arguments'

/**
 * Writes what fits a JSON Schema (draft 2020-12) as EBNF, in some notation, spaced as models were
 * trained on it, properties in the schema's order. What EBNF cannot say (`uniqueItems`, `multipleOf`,
 * `not`, formats, …) is left out, so the grammar allows a little more than the schema, never less
 * than one valid value; validation has the last word.
 */
export class SchemaGrammar {
  readonly #book: RuleBook
  readonly #root: Schema
  readonly #notation: Notation
  readonly #references = new Map<string, string>()
  #depth = 0

  /**
   * @param root what `$ref` is relative to.
   * @param notation Default JSON.
   */
  constructor(book: RuleBook, root: Schema, notation: Notation = jsonNotation) {
    this.#book = book
    this.#root = root
    this.#notation = notation
  }

  /** The expression of any value of `schema`. */
  value(schema: unknown = this.#root): string {
    return this.#write(schema, 'value')
  }

  /** The expression of a call's arguments that fit the schema, without what encloses them. */
  arguments(): string {
    return this.#write(this.#root, 'arguments')
  }

  #write(schema: unknown, place: Place): string {
    // Schemas that contain themselves other than through a property's $ref have no bottom.
    if (this.#depth >= MAX_DEPTH) return this.#free(place)
    this.#depth++
    try {
      return this.#describe(schema, place)
    } finally {
      this.#depth--
    }
  }

  #describe(schema: unknown, place: Place): string {
    if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return this.#free(place)
    const { $ref, allOf, anyOf, oneOf, ...plain } = schema as Schema
    if (typeof $ref === 'string') return place === 'value' ? this.#reference($ref) : this.#write(this.#resolved(schema), place)
    if (place === 'value') {
      const constants = 'const' in plain ? [plain.const] : Array.isArray(plain.enum) ? plain.enum : []
      const written = constants.map((value) => this.#notation.constant(value)).filter((text) => text !== undefined)
      if (written.length > 0) return 'const' in plain ? written[0]! : this.#book.add('enum', choice(written))
    }
    if (Array.isArray(allOf)) {
      return this.#write(this.#merge({ ...plain, ...(anyOf !== undefined && { anyOf }), ...(oneOf !== undefined && { oneOf }) }, allOf), place)
    }
    const branches = Array.isArray(anyOf) ? anyOf : oneOf
    if (Array.isArray(branches)) return this.#branches(plain, branches, place)
    const types = typesOf(plain)
    if (place === 'arguments') return types.includes('object') ? argumentsGrammar(this.#book, plain, this.#values) : this.#free(place)
    return types.length === 0 ? this.#any() : choice(types.map((type) => this.#typed(type, plain)))
  }

  #free(place: Place): string {
    return place === 'value' ? this.#any() : argumentsGrammar(this.#book, { additionalProperties: true }, this.#values)
  }

  get #values(): ValueGrammar {
    return { notation: this.#notation, value: (part) => this.value(part), any: () => this.#any() }
  }

  #merge(base: Schema, parts: readonly unknown[]): Schema {
    return parts.reduce<Schema>((merged, part) => mergeSchemas(merged, this.#resolved(part)), base)
  }

  #branches(base: Schema, branches: readonly unknown[], place: Place): string {
    const possible = branches.filter((branch) => !allowsNothing(branch))
    if (possible.length === 0) return this.#write(base, place)
    const isBare = Object.keys(base).every((key) => annotations.has(key))
    return choice(possible.map((branch) => this.#write(isBare ? branch : this.#merge(base, [branch]), place)))
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
        return stringGrammar(this.#book, this.#notation, schema)
      case 'integer':
        return this.#book.add('integer', integerGrammar(bounds(schema, 1)))
      case 'number':
        return this.#book.add('number', decimalGrammar(bounds(schema, 0)))
      case 'boolean':
        return choice([literal(this.#notation.true), literal(this.#notation.false)])
      case 'null':
        return literal(this.#notation.null)
      case 'object':
        return objectGrammar(this.#book, schema, this.#values)
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
    const list = sequence([item, repeat(sequence([this.#comma, item]), Math.max(min - 1, 0), max === undefined ? undefined : max - 1)])
    return this.#book.add('array', sequence(['"["', min > 0 ? list : `(${list})?`, '"]"']))
  }

  /** All leading items, also where the schema lets the list end among them. */
  #tuple(first: readonly string[], items: unknown, max: number | undefined): string {
    const taken = first.slice(0, max)
    const more = taken.length === max ? nothing : repeat(sequence([this.#comma, this.value(items)]), 0, max === undefined ? undefined : max - taken.length)
    return sequence(['"["', taken.join(` ${this.#comma} `), more, '"]"'])
  }

  get #comma(): string {
    return literal(this.#notation.comma)
  }

  #any(): string {
    const notation = this.#notation
    const name = `any_${notation.name}`
    const string = stringGrammar(this.#book, notation)
    const number = this.#book.add('number', decimalGrammar({ min: undefined, max: undefined }))
    const list = (item: string) => `(${item} (${this.#comma} ${item})*)?`
    const words = [notation.true, notation.false, notation.null].map(literal)
    const [items, members] = [list(name), list(`${notation.anyKey(string)} ${name}`)]
    this.#book.fill(name, [string, number, ...words, `"[" ${items} "]"`, `"{" ${members} "}"`].join(' | '))
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
