import type { ToolPart } from './types.js'

/** What a tool part keeps in all of its states. */
export function toolBase({ type, toolName, toolCallId, doubts, confidence }: ToolPart) {
  return { type, toolName, toolCallId, ...(doubts && { doubts }), ...(confidence && { confidence }) }
}
