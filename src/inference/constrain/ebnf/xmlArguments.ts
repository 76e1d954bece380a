import { toSpacedJSON } from '../../../tools/spacedJSON.js'
import { argumentTypes, readTypedText } from '../../../tools/parser/readTypedText.js'
import { argumentEnd, plainText } from './plainText.js'
import { choice, literal, nothing, sequence, type RuleBook } from './RuleBook.js'
import { SchemaGrammar } from './SchemaGrammar.js'
import { allowsNothing, type Schema } from './schemaShape.js'
import { schemaVariants } from './schemaVariants.js'

/**
 * Arguments as `<parameter=key>`, a line break, the value, a line break, `</parameter>` and a line break each, in
 * the schema's order: strings as they are, all else as JSON. What a reader would take for another type is not written.
 */
export function xmlArguments(book: RuleBook, schema: Schema): string {
  return choice(schemaVariants(schema, schema).map((variant) => new XMLArguments(book, schema, variant).all()))
}

class XMLArguments {
  readonly #book: RuleBook
  readonly #root: Schema
  readonly #schema: Schema
  readonly #json: SchemaGrammar

  /** @param schema one of the variants of `root` */
  constructor(book: RuleBook, root: Schema, schema: Schema) {
    this.#book = book
    this.#root = root
    this.#schema = schema
    this.#json = new SchemaGrammar(book, root)
  }

  all(): string {
    const properties = isRecord(this.#schema.properties) ? this.#schema.properties : {}
    const required = new Set(Array.isArray(this.#schema.required) ? this.#schema.required : [])
    const unnamed = [...required].filter((name): name is string => typeof name === 'string' && !Object.hasOwn(properties, name))
    const named = Object.entries(properties).filter(([name, property]) => required.has(name) || !allowsNothing(property))
    return sequence([
      ...named.map(([name, property]) => this.#argument(name, property, required.has(name))),
      ...unnamed.map((name) => this.#argument(name, {}, true)),
      this.#others(),
    ])
  }

  #argument(name: string, schema: unknown, isRequired: boolean): string {
    const written = this.#book.add('argument', sequence([literal(`<parameter=${name}>\n`), this.#value(name, schema), '"\\n"']))
    return isRequired ? written : `${written}?`
  }

  /** Arguments that the schema does not name, where it says that there may be any. */
  #others(): string {
    const { additionalProperties: extra } = this.#schema
    if (extra !== true && !isRecord(extra)) return nothing
    const parts = ['"<parameter="', '[^<>\\0-\\x1f\\x7f]+', '">\\n"', this.#value(undefined, extra), '"\\n"']
    return `${this.#book.add('other', sequence(parts))}*`
  }

  /** @param name undefined for a key that the schema does not name */
  #value(name: string | undefined, schema: unknown): string {
    // As the reader will find them.
    const types = argumentTypes(this.#root, name ?? ' ')
    const isMixed = types.size === 0 || ['number', 'integer', 'array', 'object'].some((type) => types.has(type))
    const variants = schemaVariants(schema, this.#root)
    return choice(variants.map((variant) => this.#variant(variant, types, isMixed)))
  }

  #variant(variant: Schema, types: ReadonlySet<string>, isMixed: boolean): string {
    const values = 'const' in variant ? [variant.const] : Array.isArray(variant.enum) && variant.enum.length > 0 ? variant.enum : undefined
    if (values !== undefined) return sequence([this.#literals(values, types), literal(`\n${argumentEnd}`)])
    if (variant.type === 'string') return plainText(this.#book, variant, { isWord: isMixed })
    if (variant.type === undefined) return plainText(this.#book, {}, { isWord: false })
    return sequence([this.#json.value(variant), literal(`\n${argumentEnd}`)])
  }

  #literals(values: readonly unknown[], types: ReadonlySet<string>): string {
    const written = (value: unknown) => (typeof value === 'string' ? value : toSpacedJSON(value))
    const isString = types.size === 1 && types.has('string')
    const readable = values.filter((value) => isString || toSpacedJSON(readTypedText(written(value), types)) === toSpacedJSON(value))
    return this.#book.add('enum', choice((readable.length > 0 ? readable : values).map((value) => literal(written(value)))))
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
