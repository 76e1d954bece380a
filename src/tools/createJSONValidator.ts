// Fetched where it is needed: the validator is heavier than the whole main entry.
import { Validator, type OutputUnit } from '@cfworker/json-schema'
import type { JSONSchema } from './types.js'

/** Says what is wrong with a value, or undefined if nothing is. */
export type JSONValidator = (value: unknown) => string | undefined

/** Compiles a JSON Schema (draft 2020-12). Works under `script-src 'self'`: nothing is evaluated. */
export function createJSONValidator(schema: JSONSchema): JSONValidator {
  const validator = new Validator(schema, '2020-12', false)
  return (value) => {
    const { valid, errors } = validator.validate(value)
    return valid ? undefined : describe(errors)
  }
}

// The validator reports a failure once for every level it passes through; only the innermost say why.
const outerKeywords = new Set(['properties', 'items', 'prefixItems', 'allOf', '$ref', 'additionalProperties', 'patternProperties'])

function describe(errors: OutputUnit[]): string {
  const inner = errors.filter((error) => !outerKeywords.has(error.keyword))
  const lines = (inner.length > 0 ? inner : errors).map((error) => {
    const path = error.instanceLocation.replace(/^#\/?/, '').replaceAll('/', '.')
    return path === '' ? error.error : `${path}: ${error.error}`
  })
  return [...new Set(lines)].join(' ')
}
