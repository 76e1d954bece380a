import { LLMError } from '../errors/index.js'
import { isStandardSchema, validateJSON, validateStandard } from '../tools/schema.js'
import type { JSONSchema, Tool } from '../tools/types.js'
import { describeCause } from './describeCause.js'
import { toJSONValue } from './toJSONValue.js'

/**
 * What a tool gave, checked by its `outputSchema` and as JSON gives it back.
 * @throws LLMError `invalid-tool-output`
 */
export async function toolResult({ name, outputSchema }: Tool, value: unknown): Promise<unknown> {
  if (outputSchema === undefined) return toPlain(name, value)
  // Standard Schemas may turn dates and the like into plain data; JSON Schema knows only plain data.
  const isStandard = isStandardSchema(outputSchema)
  const checked = isStandard
    ? await validateStandard(outputSchema, value)
    : await validateJSON(outputSchema as JSONSchema, toPlain(name, value))
  if ('problem' in checked) throw invalidOutput(name, `does not fit its outputSchema: ${checked.problem}`)
  return isStandard ? toPlain(name, checked.value) : checked.value
}

function toPlain(name: string, value: unknown): unknown {
  try {
    return toJSONValue(value)
  } catch (cause) {
    throw invalidOutput(name, `cannot be written as JSON: ${describeCause(cause)}. Return plain data.`, cause)
  }
}

function invalidOutput(name: string, problem: string, cause?: unknown): LLMError {
  return new LLMError({
    code: 'invalid-tool-output',
    message: `The result of "${name}" ${problem}`,
    subject: name,
    cause,
  })
}
