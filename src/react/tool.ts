import type { ReactNode } from 'react'
import { tool as makeTool, type CheckedToolDefinition, type ToolDefinition } from '../tools/tool.js'
import type { InferSchema, SchemaInput, Tool, ToolOutput, ToolSchema } from '../tools/types.js'

/** What `tool` is where there is React: its `render` gives what React can show. */
export interface MakeTool {
  <
    const Name extends string,
    const Schema extends ToolSchema,
    const OutputSchema extends ToolSchema,
    const Output extends ToolOutput<OutputSchema>,
  >(
    definition: CheckedToolDefinition<Name, Schema, Output, OutputSchema, ReactNode>,
  ): Tool<InferSchema<Schema>, SchemaInput<OutputSchema>, Name>
  <const Name extends string, const Schema extends ToolSchema, Output>(
    definition: ToolDefinition<Name, Schema, Output, undefined, ReactNode>,
  ): Tool<InferSchema<Schema>, Output, Name>
}

/**
 * A function of the app that the model can call; the input of `execute` and `needsApproval` is typed
 * by `inputSchema`, what `execute` may return by `outputSchema`, and the call that `render` draws by both.
 * @throws LLMError `invalid-tool`; `subject` is the field at fault.
 */
export const tool: MakeTool = makeTool
