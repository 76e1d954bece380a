/** A JSON Schema that is an object, whatever it holds. */
export type Schema = Readonly<Record<string, unknown>>

/** Whether no value at all fits. */
export function allowsNothing(schema: unknown): boolean {
  return schema === false
}

const keywordTypes: Readonly<Record<string, string>> = {
  properties: 'object',
  required: 'object',
  additionalProperties: 'object',
  items: 'array',
  prefixItems: 'array',
  minItems: 'array',
  maxItems: 'array',
  pattern: 'string',
  minLength: 'string',
  maxLength: 'string',
  minimum: 'number',
  maximum: 'number',
  exclusiveMinimum: 'number',
  exclusiveMaximum: 'number',
}

/** The types a schema names, or those its keywords are about; none: any. */
export function typesOf(schema: Schema): string[] {
  const { type } = schema
  if (typeof type === 'string') return [type]
  if (Array.isArray(type)) return type.filter((name): name is string => typeof name === 'string')
  const keyword = Object.keys(schema).find((name) => Object.hasOwn(keywordTypes, name))
  return keyword === undefined ? [] : [keywordTypes[keyword]!]
}

/** What a local reference (`#`, `#/$defs/x`) points to. */
export function resolveReference(root: Schema, reference: string): unknown {
  if (!reference.startsWith('#')) return undefined
  let target: unknown = root
  for (const step of reference.slice(1).split('/').slice(1)) {
    const key = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof target !== 'object' || target === null || !Object.hasOwn(target, key)) return undefined
    target = (target as Record<string, unknown>)[key]
  }
  return target
}

/** Both schemas at once, as far as one schema can say it. */
export function mergeSchemas(base: Schema, other: unknown): Schema {
  if (typeof other !== 'object' || other === null || Array.isArray(other)) return base
  const part = other as Schema
  const merged: Record<string, unknown> = { ...base, ...part }
  const properties = { ...(base.properties as object | undefined), ...(part.properties as object | undefined) }
  if (Object.keys(properties).length > 0) merged.properties = properties
  const required = [...asList(base.required), ...asList(part.required)]
  if (required.length > 0) merged.required = [...new Set(required)]
  const parts = [...asList(base.allOf), ...asList(part.allOf)]
  if (parts.length > 0) merged.allOf = parts
  return merged
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}
