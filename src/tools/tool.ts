import { LLMError } from '../errors/index.js'
import { toJSONSchema } from './schema.js'
import type { InferSchema, Tool, ToolContext, ToolSchema } from './types.js'

/** What {@link tool} takes. */
export interface ToolDefinition<Name extends string, Schema extends ToolSchema, Output> {
  /** `[A-Za-z_][A-Za-z0-9_-]{0,63}`, unique among the tools of a conversation. */
  name: Name
  /** What the function does and when to call it, for the model. */
  description: string
  /** Schema of the arguments, an object: zod 4, any Standard Schema that gives JSON Schema, or plain JSON Schema. */
  inputSchema: Schema
  /** Runs the call. What it returns (anything JSON can hold) goes back to the model. */
  execute: (input: InferSchema<Schema>, context: ToolContext) => Output | Promise<Output>
}

/**
 * A function of the app that the model can call; `execute`'s input is typed by the schema.
 * @throws LLMError `invalid-tool`; `subject` is the field at fault.
 */
export function tool<const Name extends string, const Schema extends ToolSchema, Output>(
  definition: ToolDefinition<Name, Schema, Output>,
): Tool<InferSchema<Schema>, Output, Name> {
  const { name, description, inputSchema, execute } = definition
  const made: Tool<InferSchema<Schema>, Output, Name> = { name, description, inputSchema, execute }
  assertTool(made)
  return made
}

/**
 * Checks a tool that may not have been made by {@link tool}.
 * @throws LLMError `invalid-tool`; `subject` is the field at fault.
 */
export function assertTool({ name, description, inputSchema, execute }: Tool): void {
  if (typeof name !== 'string' || !/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/.test(name)) {
    throw invalid(
      'name',
      `The tool name ${JSON.stringify(name)} must be 1 to 64 letters, digits, "_" or "-", and begin with a letter or "_".`,
    )
  }
  if (typeof description !== 'string' || description.trim() === '') {
    throw invalid('description', `The tool "${name}" needs a description: the model chooses by it.`)
  }
  toJSONSchema(inputSchema, name)
  if (typeof execute !== 'function') {
    throw invalid('execute', `The tool "${name}" needs a function execute(input, { signal, toolCallId }).`)
  }
}

function invalid(field: string, message: string): LLMError {
  return new LLMError({ code: 'invalid-tool', message, subject: field })
}
