import { useEffect, type ReactNode } from 'react'
import { assertTool, type CheckedToolDefinition, type ToolDefinition } from '../tools/tool.js'
import type { Tool, ToolOutput, ToolSchema } from '../tools/types.js'
import { useLLMScope } from './context.js'
import { useLatest } from './useLatest.js'

/**
 * Offers a tool to every conversation below the same provider for as long as the component is
 * mounted. The handler of the last render is always the one called, so it may close over state, and
 * so may `render`.
 * @throws LLMError in an effect, so for the nearest error boundary: `duplicate-tool`, `invalid-tool`.
 * While rendering: `invalid-config` outside of a provider.
 */
export function useTool<
  const Name extends string,
  const Schema extends ToolSchema,
  const OutputSchema extends ToolSchema,
  const Output extends ToolOutput<OutputSchema>,
>(
  definition: CheckedToolDefinition<Name, Schema, Output, OutputSchema, ReactNode>,
): void
/** The same where results are whatever `execute` returns. */
export function useTool<const Name extends string, const Schema extends ToolSchema, Output>(
  definition: ToolDefinition<Name, Schema, Output, undefined, ReactNode>,
): void
/** The same with a tool made by `tool()`, which has checked what fits together. */
export function useTool<Made extends Tool>(made: Made & Checked<Made>): void
export function useTool(definition: Tool): void {
  const { tools } = useLLMScope('useTool')
  const latest = useLatest(definition)
  const { name, render } = definition
  useEffect(() => {
    assertTool(latest.current)
    return tools.add(name, () => latest.current)
  }, [tools, name, latest])
  useEffect(() => tools.announce(), [tools, render])
}

/** A tool from `tool()` no longer says what its results and drawings are: what still does was written in place. */
type Checked<Made extends Tool> = [ToolSchema, unknown] extends [
  NonNullable<Made['outputSchema']>,
  ReturnType<NonNullable<Made['render']>>,
]
  ? unknown
  : never
