import type { Random } from '../../src/inference/sampling/Random.js'
import type { JSONSchema } from '../../src/tools/index.js'

const words = ['city', 'date', 'überfahrt', 'a b', 'x"y', 'n', 'level_2', 'côté', '日', 'back\\slash', 'on', '$ref']
const patterns = ['^[a-z]{2,5}$', '^\\d{3}-\\d{4}$', '^(red|green)( light)?$', 'x', '^[^0-9]+$', '^[A-Z]\\w*$', '^\\w+@\\w+\\.(com|org)$', '^.{3}$', '^"?a?$', '^[\\s\\S]$']

/** JSON Schemas of objects as tools have them, more or less: nested, optional, with enums, ranges, lengths, patterns. */
export class RandomSchemas {
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  /** An object schema, at most `depth` objects or arrays deep. */
  object(depth = 3, isClosed = this.#chance(0.3)): JSONSchema {
    const names = words.filter(() => this.#chance(0.3))
    const properties = Object.fromEntries(names.map((name) => [name, this.#value(depth - 1)]))
    const required = names.filter(() => this.#chance(0.5))
    return {
      type: 'object',
      properties,
      ...(required.length > 0 && { required }),
      ...(isClosed && { additionalProperties: false }),
    }
  }

  #value(depth: number): JSONSchema {
    const flat = [() => this.#string(), () => this.#integer(), () => this.#number(), () => this.#enum(), () => ({ type: 'boolean' }), () => this.#mixed()]
    const deep = [() => this.object(depth), () => this.#array(depth), () => this.#map(depth), () => this.#anyOf(depth)]
    return this.#pick(depth > 0 && this.#chance(0.4) ? deep : flat)()
  }

  #string(): JSONSchema {
    const minLength = this.#below(4)
    return this.#pick<JSONSchema>([
      { type: 'string' },
      { type: 'string', description: 'anything' },
      { type: 'string', minLength, maxLength: minLength + this.#below(12) },
      { type: 'string', maxLength: 500 },
      { type: 'string', pattern: this.#pick(patterns) },
    ])
  }

  #integer(): JSONSchema {
    const low = this.#below(3000) - 1500
    return this.#pick<JSONSchema>([
      { type: 'integer' },
      { type: 'integer', minimum: low },
      { type: 'integer', maximum: low },
      { type: 'integer', minimum: low, maximum: low + this.#below(2000) },
      { type: 'integer', exclusiveMinimum: low, exclusiveMaximum: low + 2 + this.#below(20) },
    ])
  }

  #number(): JSONSchema {
    const low = (this.#below(4000) - 2000) / this.#pick([1, 4, 10, 1000])
    return this.#pick<JSONSchema>([
      { type: 'number' },
      { type: 'number', minimum: low },
      { type: 'number', maximum: low },
      { type: 'number', minimum: low, maximum: low + this.#below(1000) / this.#pick([1, 8, 1000]) },
    ])
  }

  #enum(): JSONSchema {
    const values: unknown[] = [...words, 1, -2.5, true, null, { a: [1] }].filter(() => this.#chance(0.3))
    return values.length > 0 ? { enum: values } : { const: this.#pick(words) }
  }

  #mixed(): JSONSchema {
    return this.#pick<JSONSchema>([{ type: ['string', 'null'] }, { type: ['integer', 'boolean'] }, {}, { type: 'null' }, { minimum: 3, maximum: 4, type: 'integer', title: 'one of two' }])
  }

  #array(depth: number): JSONSchema {
    const minItems = this.#below(3)
    return this.#pick<() => JSONSchema>([
      () => ({ type: 'array', items: this.#value(depth - 1) }),
      () => ({ type: 'array', items: this.#value(depth - 1), minItems, maxItems: minItems + this.#below(3) }),
      () => ({ type: 'array', items: this.#value(0), minItems }),
      () => ({ type: 'array', prefixItems: [this.#value(0), this.#value(0)], items: false, minItems: 2 }),
    ])()
  }

  #map(depth: number): JSONSchema {
    return { type: 'object', additionalProperties: this.#value(depth - 1) }
  }

  #anyOf(depth: number): JSONSchema {
    return this.#pick<() => JSONSchema>([
      () => ({ anyOf: [this.#value(depth - 1), { type: 'null' }] }),
      () => ({ type: 'object', properties: { kind: { const: 'k' } }, required: ['kind'], anyOf: [this.object(depth - 1, false), this.object(depth - 1, false)] }),
      () => ({ allOf: [this.object(depth - 1)] }),
    ])()
  }

  #pick<T>(options: readonly T[]): T {
    return options[this.#below(options.length)]!
  }

  #below(limit: number): number {
    return Math.floor(this.#random.next() * limit)
  }

  #chance(probability: number): boolean {
    return this.#random.next() < probability
  }
}
