import { useEffect } from 'react'
import { assertTool, type CheckedToolDefinition, type ToolDefinition } from '../tools/tool.js'
import type { DeepReadonly, SchemaInput, Tool, ToolSchema } from '../tools/types.js'
import { useLLMScope } from './context.js'
import { useLatest } from './useLatest.js'

/**
 * Offers a tool to every conversation below the same provider for as long as the component is
 * mounted. The handler of the last render is always the one called, so it may close over state.
 * @throws LLMError in an effect, so for the nearest error boundary: `duplicate-tool`, `invalid-tool`.
 * While rendering: `invalid-config` outside of a provider.
 */
export function useTool<
  const Name extends string,
  const Schema extends ToolSchema,
  const OutputSchema extends ToolSchema,
  const Output extends DeepReadonly<SchemaInput<OutputSchema>>,
>(
  definition: CheckedToolDefinition<Name, Schema, Output, OutputSchema>,
): void
/** The same where results are whatever `execute` returns. */
export function useTool<const Name extends string, const Schema extends ToolSchema, Output>(
  definition: ToolDefinition<Name, Schema, Output>,
): void
/** The same with a tool made by `tool()`. */
export function useTool(made: Tool): void
export function useTool(definition: Tool): void {
  const { tools } = useLLMScope('useTool')
  const latest = useLatest(definition)
  const { name } = definition
  useEffect(() => {
    assertTool(latest.current)
    return tools.add(name, () => latest.current)
  }, [tools, name, latest])
}
