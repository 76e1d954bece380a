import type { JSONSchema } from '../types.js'

/** Schemas that refer to themselves end here. */
const MAX_DEPTH = 8

/** Every schema that may describe a value: the schema, what it refers to, and its alternatives. */
export function schemasOf(schema: unknown, root: JSONSchema, depth = 0): JSONSchema[] {
  if (!isSchema(schema) || depth > MAX_DEPTH) return []
  const found = [schema]
  if (typeof schema.$ref === 'string') found.push(...schemasOf(resolve(schema.$ref, root), root, depth + 1))
  for (const keyword of ['anyOf', 'oneOf', 'allOf'] as const) {
    const list = schema[keyword]
    if (Array.isArray(list)) found.push(...list.flatMap((item) => schemasOf(item, root, depth + 1)))
  }
  return found
}

/** The schemas of a property or of an item. */
export function schemasAt(schemas: readonly JSONSchema[], key: string | number, root: JSONSchema): JSONSchema[] {
  return schemas.flatMap((schema) => schemasOf(child(schema, key), root))
}

function child(schema: JSONSchema, key: string | number): unknown {
  if (typeof key === 'number') {
    const prefix = schema.prefixItems
    return Array.isArray(prefix) && key < prefix.length ? prefix[key] : schema.items
  }
  const { properties } = schema
  return isSchema(properties) && Object.hasOwn(properties, key) ? properties[key] : schema.additionalProperties
}

/** Least and greatest number that the schemas allow; an exclusive limit counts as the limit itself. */
export function rangeOf(schemas: readonly JSONSchema[]): { minimum?: number; maximum?: number } {
  const limits = (...keywords: string[]) =>
    schemas.flatMap((schema) => keywords.map((keyword) => schema[keyword])).filter((limit) => typeof limit === 'number')
  const [minimum] = limits('minimum', 'exclusiveMinimum')
  const [maximum] = limits('maximum', 'exclusiveMaximum')
  return { minimum, maximum }
}

/** The closed list that a value comes from, if there is one. */
export function enumOf(schemas: readonly JSONSchema[]): readonly unknown[] | undefined {
  const lists = schemas.map((schema) => schema.enum).filter((list) => Array.isArray(list))
  const consts = schemas.filter((schema) => 'const' in schema).map((schema) => schema.const)
  return lists.length + consts.length === 0 ? undefined : [...lists.flat(), ...consts] as unknown[]
}

export function isSchema(value: unknown): value is JSONSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function resolve(reference: string, root: JSONSchema): unknown {
  if (!reference.startsWith('#')) return undefined
  let at: unknown = root
  for (const part of reference.slice(1).split('/').filter((piece) => piece !== '')) {
    const key = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')
    at = isSchema(at) && Object.hasOwn(at, key) ? at[key] : undefined
  }
  return at
}
