// Tool definitions, schemas and tool formats: `react-edge-llm/tools`. Imports nothing but errors; chat and inference import it.
export { assertTool, tool } from './tool.js'
export type { CheckedToolDefinition, ToolDefinition } from './tool.js'
export { ToolSet } from './ToolSet.js'
export { toJSONSchema, validateInput } from './schema.js'
export { createJSONValidator } from './createJSONValidator.js'
export type { JSONValidator } from './createJSONValidator.js'
export { parsePartialInput } from './parsePartialInput.js'
export { getToolFormat, toolFormatNames } from './formats/registry.js'
export { detectToolFormat } from './formats/detectToolFormat.js'
export type { ToolFormatClues } from './formats/detectToolFormat.js'
export type { ToolFormat } from './formats/types.js'
export { createToolCallParser } from './parser/createToolCallParser.js'
export type { ToolCallParser, ToolCallParserOptions } from './parser/createToolCallParser.js'
export type { CallReader, CallReaderContext, ParserFinishReason, ToolCallParserEvent } from './parser/types.js'
export type { InferJSONSchema } from './inferJSONSchema.js'
export type { AsJSON, PartialInput } from './jsonTypes.js'
export type { Approval, ApprovalReason, ApprovalRequest, CallConfidence, ToolPart, ToolRenderProps } from './toolPart.js'
export type {
  DoubtPolicy,
  InferSchema,
  JSONSchema,
  StandardToolSchema,
  Tool,
  ToolAnnotations,
  ToolCall,
  ToolChoice,
  ToolContext,
  ToolFormatName,
  ToolResult,
  ToolSchema,
  ToolSpec,
} from './types.js'
