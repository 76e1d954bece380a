import { isToolPart } from './isToolPart.js'
import type { MessagePart, UIMessage } from './types.js'

/** Closes all that is open in a message, so that it can stand in a history. */
export function closeMessage(
  message: UIMessage,
  interrupted?: NonNullable<UIMessage['metadata']>['interrupted'],
): UIMessage {
  const errorText = interrupted === 'stopped' ? 'stopped' : 'interrupted'
  const parts = message.parts.map((part): MessagePart => {
    if (!('state' in part)) return part
    if (!isToolPart(part)) return part.state === 'done' ? part : { ...part, state: 'done' }
    if (part.state !== 'input-streaming' && part.state !== 'input-available') return part
    const { type, toolName, toolCallId } = part
    const input = part.state === 'input-available' ? part.input : null
    return { type, toolName, toolCallId, state: 'output-error', input, errorText }
  })
  return { ...message, parts, ...(interrupted === undefined ? {} : { metadata: { ...message.metadata, interrupted } }) }
}
