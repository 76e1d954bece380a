import type { MessagePart, ToolPart } from './types.js'

/** True for the parts of a message that are tool calls, whichever the tool. */
export function isToolPart(part: MessagePart): part is ToolPart {
  return part.type.startsWith('tool-')
}
