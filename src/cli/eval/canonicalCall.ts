import type { JSONSchema } from '../../tools/index.js'
import type { PlainCall } from './types.js'

/**
 * A text that two calls share exactly when they count as the same: numbers by value, strings
 * without regard to case, ends, runs of spaces and a full stop at the end, arguments that equal
 * the schema's default as if they were left out. `pipeline/src/edge_llm/score.py` has the same rule.
 */
export function canonicalCall(call: PlainCall, schema: JSONSchema | undefined): string {
  const properties = asObject(schema?.properties)
  const kept = Object.entries(asObject(call.arguments))
    .filter(([key, value]) => !isDefault(value, asObject(properties[key])))
    .map(([key, value]) => [key, canonical(value)] as const)
  return JSON.stringify([call.name, sorted(kept)])
}

function isDefault(value: unknown, schema: Record<string, unknown>): boolean {
  return Object.hasOwn(schema, 'default') && JSON.stringify(canonical(value)) === JSON.stringify(canonical(schema.default))
}

function canonical(value: unknown): unknown {
  if (typeof value === 'string') return canonicalText(value)
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? 0 : value
  return sorted(Object.entries(value).map(([key, item]) => [key, canonical(item)] as const))
}

function canonicalText(text: string): string {
  return text.trim().replace(/\s+/g, ' ').toLowerCase().replace(/\.$/, '').trimEnd()
}

/** As pairs, so that no key can be lost to the order of objects' keys. */
function sorted(entries: (readonly [string, unknown])[]): (readonly [string, unknown])[] {
  return entries.sort(([a], [b]) => (a < b ? -1 : 1))
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}
