import { LLMError } from '../errors/index.js'
import { toJSONSchema } from './schema.js'
import type { DeepReadonly, DoubtPolicy, InferSchema, SchemaInput, Tool, ToolAnnotations, ToolContext, ToolSchema } from './types.js'

/** What {@link tool} takes. */
export interface ToolDefinition<
  Name extends string,
  Schema extends ToolSchema,
  Output,
  OutputSchema extends ToolSchema | undefined = undefined,
> {
  /** `[A-Za-z_][A-Za-z0-9_-]{0,63}`, unique among the tools of a conversation. */
  name: Name
  /** What the function does and when to call it, for the model. */
  description: string
  /** Schema of the arguments, an object: zod 4, any Standard Schema that gives JSON Schema, or plain JSON Schema. */
  inputSchema: Schema
  /**
   * Schema of the result, if it is to be checked: the same kinds as `inputSchema`, of any type.
   * What does not fit is the error `invalid-tool-output`.
   */
  outputSchema?: OutputSchema
  /**
   * Runs the call. What it returns (anything JSON can hold) goes back to the model. Left out, the call
   * waits until the app gives its result with `addToolResult`.
   */
  execute?: (input: InferSchema<Schema>, context: ToolContext) => Output | Promise<Output>
  /** Whether the user is asked before a call runs: always, or as a function of the valid input says. Default false. */
  needsApproval?: boolean | ((input: InferSchema<Schema>) => boolean)
  /**
   * Most milliseconds from when a call may run to its result, whether `execute` or `addToolResult`
   * gives it. Time the user takes to allow it does not count. Default: no limit.
   */
  timeout?: number
  annotations?: ToolAnnotations
  /** What happens to a doubtful call of this tool. Default: the conversation's `onDoubt`. */
  onDoubt?: DoubtPolicy
}

/**
 * What {@link tool} takes where results are checked. `Output` is what `execute` returns, inferred to the
 * letter, so that a handler may return `{ state: 'paid' }` where the schema has an enum.
 */
export type CheckedToolDefinition<
  Name extends string,
  Schema extends ToolSchema,
  Output,
  OutputSchema extends ToolSchema,
> = ToolDefinition<Name, Schema, Output, OutputSchema> & { outputSchema: OutputSchema }

/**
 * A function of the app that the model can call; the input of `execute` and `needsApproval` is typed
 * by `inputSchema`, what `execute` may return by `outputSchema`.
 * @throws LLMError `invalid-tool`; `subject` is the field at fault.
 */
export function tool<
  const Name extends string,
  const Schema extends ToolSchema,
  const OutputSchema extends ToolSchema,
  const Output extends DeepReadonly<SchemaInput<OutputSchema>>,
>(
  definition: CheckedToolDefinition<Name, Schema, Output, OutputSchema>,
): Tool<InferSchema<Schema>, SchemaInput<OutputSchema>, Name>
export function tool<const Name extends string, const Schema extends ToolSchema, Output>(
  definition: ToolDefinition<Name, Schema, Output>,
): Tool<InferSchema<Schema>, Output, Name>
export function tool(definition: Tool): Tool {
  const { name, description, inputSchema, outputSchema, execute, needsApproval, timeout, annotations, onDoubt } = definition
  const made: Tool = {
    ...{ name, description, inputSchema },
    ...(outputSchema && { outputSchema }),
    ...(execute && { execute }),
    ...(needsApproval !== undefined && { needsApproval }),
    ...(timeout !== undefined && { timeout }),
    ...(annotations && { annotations }),
    ...(onDoubt && { onDoubt }),
  }
  assertTool(made)
  return made
}

/**
 * Checks a tool that may not have been made by {@link tool}.
 * @throws LLMError `invalid-tool`; `subject` is the field at fault.
 */
export function assertTool({ name, description, inputSchema, execute, needsApproval, timeout, onDoubt }: Tool): void {
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
  if (execute !== undefined && typeof execute !== 'function') {
    throw invalid('execute', `execute of the tool "${name}" must be a function (input, { signal, toolCallId }), or left out.`)
  }
  if (!['undefined', 'boolean', 'function'].includes(typeof needsApproval)) {
    throw invalid('needsApproval', `needsApproval of the tool "${name}" must be true, false or a function of the input.`)
  }
  if (timeout !== undefined && !(timeout > 0 && timeout <= LONGEST_TIMEOUT)) {
    throw invalid('timeout', `timeout of the tool "${name}" must be milliseconds, more than 0 and at most ${LONGEST_TIMEOUT}.`)
  }
  if (onDoubt !== undefined && !['execute', 'confirm', 'refuse'].includes(onDoubt)) {
    throw invalid('onDoubt', `onDoubt of the tool "${name}" must be "execute", "confirm" or "refuse".`)
  }
}

/** Timers count in 32 bits: a longer one would fire at once. */
const LONGEST_TIMEOUT = 2 ** 31 - 1

function invalid(field: string, message: string): LLMError {
  return new LLMError({ code: 'invalid-tool', message, subject: field })
}
