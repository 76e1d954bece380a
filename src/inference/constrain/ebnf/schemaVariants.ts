import { allowsNothing, mergeSchemas, resolveReference, typesOf, type Schema } from './schemaShape.js'

/** Deeper than any schema that is not a loop. */
const MAX_DEPTH = 16

/**
 * The ways in which a value can fit a schema, references and combinations resolved: each a schema
 * of at most one type, without `$ref`, `allOf`, `anyOf` and `oneOf`. `{}` is any value.
 * @param root what `$ref` is relative to.
 */
export function schemaVariants(schema: unknown, root: Schema, depth = 0): Schema[] {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema) || depth > MAX_DEPTH) return [{}]
  const { $ref, allOf, anyOf, oneOf, ...plain } = schema as Schema
  const resolved = (part: unknown): unknown => {
    const pointer = (part as { $ref?: unknown } | null)?.$ref
    return typeof pointer === 'string' ? resolveReference(root, pointer) : part
  }
  const merged = (part: unknown, base: Schema = plain): Schema => mergeSchemas(base, resolved(part))
  if (typeof $ref === 'string') return schemaVariants(resolveReference(root, $ref), root, depth + 1)
  if ('const' in plain || Array.isArray(plain.enum)) return [plain]
  if (Array.isArray(allOf)) {
    const base = { ...plain, ...(anyOf !== undefined && { anyOf }), ...(oneOf !== undefined && { oneOf }) }
    return schemaVariants(allOf.reduce<Schema>((all, part) => merged(part, all), base), root, depth + 1)
  }
  const branches = [anyOf, oneOf].find((list) => Array.isArray(list)) as unknown[] | undefined
  const possible = branches?.filter((branch) => !allowsNothing(branch)) ?? []
  if (possible.length > 0) return possible.flatMap((branch) => schemaVariants(merged(branch), root, depth + 1))
  const types = typesOf(plain)
  return types.length === 0 ? [plain] : types.map((type) => ({ ...plain, type }))
}
