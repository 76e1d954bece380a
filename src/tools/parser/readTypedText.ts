import type { JSONSchema } from '../types.js'

/**
 * The value that a text stands for where nothing but the schema tells its type: `5` is a number for a
 * number's schema and text for a string's. Text that fits none of the schema's types stays a string.
 * Without types, what reads as JSON is that.
 */
export function readTypedText(text: string, types: ReadonlySet<string>): unknown {
  const word = text.trim()
  const json = parseJSON(word)
  if (types.size === 0) return json !== undefined && typeof json !== 'string' ? json : text
  if (types.has('null') && /^(null|None)$/.test(word)) return null
  if (types.has('boolean') && /^(true|false)$/i.test(word)) return word.toLowerCase() === 'true'
  if ((types.has('number') || types.has('integer')) && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(word)) return Number(word)
  if (types.has('array') && Array.isArray(json)) return json
  if (types.has('object') && typeof json === 'object' && json !== null && !Array.isArray(json)) return json
  return text
}

/** The types that an argument's schema allows, in JSON Schema's words; empty where it does not say. */
export function argumentTypes(input: JSONSchema | undefined, name: string): ReadonlySet<string> {
  const types = new Set<string>()
  if (input !== undefined) for (const schema of argumentSchemas(input, name)) collectTypes(schema, input, types, 0)
  return types
}

function argumentSchemas(input: JSONSchema, name: string): unknown[] {
  const own = [input, ...list(input.allOf), ...list(input.anyOf), ...list(input.oneOf)].flatMap((schema) => {
    const properties = isObject(schema) ? schema.properties : undefined
    return isObject(properties) && Object.hasOwn(properties, name) ? [properties[name]] : []
  })
  return own.length > 0 ? own : [input.additionalProperties]
}

/** Deeper than any schema that is not a loop. */
const deepest = 16

function collectTypes(schema: unknown, root: JSONSchema, types: Set<string>, depth: number): void {
  if (!isObject(schema) || depth > deepest) return
  for (const type of [schema.type].flat()) if (typeof type === 'string') types.add(type)
  for (const value of [...list(schema.enum), ...('const' in schema ? [schema.const] : [])]) types.add(typeOf(value))
  for (const part of [...list(schema.anyOf), ...list(schema.oneOf), ...list(schema.allOf)]) collectTypes(part, root, types, depth + 1)
  if (typeof schema.$ref === 'string') collectTypes(resolve(schema.$ref, root), root, types, depth + 1)
}

function resolve(reference: string, root: JSONSchema): unknown {
  if (!reference.startsWith('#')) return undefined
  const keys = reference.split('/').slice(1).map((key) => decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~'))
  return keys.reduce<unknown>((value, key) => (isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined), root)
}

function typeOf(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'array' : typeof value
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function parseJSON(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
