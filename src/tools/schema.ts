import type { StandardSchemaV1 } from '@standard-schema/spec'
import { LLMError } from '../errors/index.js'
import type { JSONSchema, ToolSchema } from './types.js'

/**
 * The JSON Schema (draft 2020-12) of what a model may write for `schema`.
 * @param toolName named in errors
 * @throws LLMError `invalid-tool` where the schema gives none, or none of type `object`.
 */
export function toJSONSchema(schema: ToolSchema, toolName = 'tool'): JSONSchema {
  const json = readJSONSchema(schema, toolName)
  if (json.type !== 'object') {
    throw schemaError(toolName, `must describe an object, but its type is ${JSON.stringify(json.type) ?? 'missing'}`)
  }
  return json
}

/** A value as a schema gives it, or what is wrong with it. */
export type Checked = { value: unknown } | { problem: string }

/**
 * What a handler gets for `value`, by the schema's own validation.
 * Plain JSON Schema is checked in the worker, where the call was parsed, and passes here unchanged, unless
 * it is another one by now.
 * @param checkedBy the schema that the worker had. Default: this one.
 * @throws LLMError `invalid-tool-input` that lists every issue.
 */
export async function validateInput(
  schema: ToolSchema,
  value: unknown,
  toolName = 'tool',
  checkedBy: ToolSchema = schema,
): Promise<unknown> {
  const isChecked = !isStandardSchema(schema) && (schema === checkedBy || JSON.stringify(schema) === JSON.stringify(checkedBy))
  if (isChecked) return value
  const checked = isStandardSchema(schema) ? await validateStandard(schema, value) : await validateJSON(schema as JSONSchema, value)
  if ('value' in checked) return checked.value
  throw new LLMError({
    code: 'invalid-tool-input',
    message: `Invalid arguments for ${toolName}. ${checked.problem}`,
    subject: toolName,
    recoverable: true,
  })
}

/** Checks `value` by a Standard Schema, which may change it. */
export async function validateStandard(schema: StandardSchema, value: unknown): Promise<Checked> {
  const result = await schema['~standard'].validate(value)
  return result.issues ? { problem: `${result.issues.map(describeIssue).join('; ')}.` } : { value: result.value }
}

/** Checks `value` by plain JSON Schema. Fetches the validator, which is heavier than the whole main entry. */
export async function validateJSON(schema: JSONSchema, value: unknown): Promise<Checked> {
  const { createJSONValidator } = await import('./createJSONValidator.js')
  const problem = createJSONValidator(schema)(value)
  return problem === undefined ? { value } : { problem }
}

function readJSONSchema(schema: ToolSchema, toolName: string): JSONSchema {
  if (!isObject(schema)) throw schemaError(toolName, 'is missing')
  if (!isStandardSchema(schema)) return schema as JSONSchema
  const converter = schema['~standard'].jsonSchema
  if (converter === undefined) {
    throw schemaError(
      toolName,
      `is a ${schema['~standard'].vendor} schema that gives no JSON Schema. Use a version that implements StandardJSONSchemaV1 (zod 4.2 or later), or plain JSON Schema`,
    )
  }
  try {
    const { $schema: _dialect, ...json } = converter.input({ target: 'draft-2020-12' })
    return json
  } catch (cause) {
    throw schemaError(toolName, 'cannot be expressed as JSON Schema', cause)
  }
}

/** A schema of a Standard Schema library; not all of them can give JSON Schema. */
export interface StandardSchema {
  '~standard': StandardSchemaV1.Props & {
    jsonSchema?: { input(options: { target: 'draft-2020-12' }): Record<string, unknown> }
  }
}

// arktype's schemas are functions.
function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null && !Array.isArray(value)) || typeof value === 'function'
}

/** Whether a schema validates by itself; else it is plain JSON Schema. */
export function isStandardSchema(schema: object): schema is StandardSchema {
  return '~standard' in schema
}

function schemaError(toolName: string, problem: string, cause?: unknown): LLMError {
  return new LLMError({
    code: 'invalid-tool',
    message: `The inputSchema of "${toolName}" ${problem}.`,
    subject: 'inputSchema',
    cause,
  })
}

function describeIssue({ path, message }: StandardSchemaV1.Issue): string {
  const keys = path?.map((segment) => String(typeof segment === 'object' ? segment.key : segment)).join('.')
  return keys ? `${keys}: ${message}` : message
}
