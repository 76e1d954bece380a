import { LLMError } from '../errors/index.js'
import { toJSONSchema } from './schema.js'
import type { ToolRenderProps } from './toolPart.js'
import type { DoubtPolicy, InferSchema, SchemaInput, Tool, ToolAnnotations, ToolContext, ToolOutput, ToolSchema } from './types.js'

/**
 * What {@link tool} takes. `Rendered`: what `render` may return; this folder knows no React, so that
 * `src/react` says which.
 */
export interface ToolDefinition<
  Name extends string,
  Schema extends ToolSchema,
  Output,
  OutputSchema extends ToolSchema | undefined = undefined,
  Rendered = unknown,
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
  /**
   * Draws a call of this tool in every state, in place of the default card; called as a component's body is.
   * `undefined` leaves a state to the card, as does what it throws. Write it below `execute`, whose result
   * then types `part.output`. Default: the card.
   */
  render?: (
    props: ToolRenderProps<Name, SchemaInput<Schema>, OutputSchema extends ToolSchema ? InferSchema<OutputSchema> : Output>,
  ) => Rendered
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
  Rendered = unknown,
> = ToolDefinition<Name, Schema, Output, OutputSchema, Rendered> & { outputSchema: OutputSchema }

/**
 * A function of the app that the model can call; the input of `execute` and `needsApproval` is typed
 * by `inputSchema`, what `execute` may return by `outputSchema`.
 * @throws LLMError `invalid-tool`; `subject` is the field at fault.
 */
export function tool<
  const Name extends string,
  const Schema extends ToolSchema,
  const OutputSchema extends ToolSchema,
  const Output extends ToolOutput<OutputSchema>,
>(
  definition: CheckedToolDefinition<Name, Schema, Output, OutputSchema>,
): Tool<InferSchema<Schema>, SchemaInput<OutputSchema>, Name>
export function tool<const Name extends string, const Schema extends ToolSchema, Output>(
  definition: ToolDefinition<Name, Schema, Output>,
): Tool<InferSchema<Schema>, Output, Name>
export function tool(definition: Tool): Tool {
  const given = fields.flatMap((field) => (definition[field] === undefined ? [] : [[field, definition[field]]]))
  const made = Object.fromEntries(given) as unknown as Tool
  assertTool(made)
  return made
}

/** All that a tool may have. */
const fields = [
  'name',
  'description',
  'inputSchema',
  'outputSchema',
  'execute',
  'needsApproval',
  'timeout',
  'annotations',
  'onDoubt',
  'render',
] as const satisfies readonly (keyof Tool)[]

/**
 * Checks a tool that may not have been made by {@link tool}.
 * @throws LLMError `invalid-tool`; `subject` is the field at fault.
 */
export function assertTool({ name, description, inputSchema, execute, needsApproval, timeout, onDoubt, render }: Tool): void {
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
  for (const [field, given] of Object.entries({ execute, render })) {
    if (given !== undefined && typeof given !== 'function') {
      throw invalid(field, `${field} of the tool "${name}" must be a function, or left out.`)
    }
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
