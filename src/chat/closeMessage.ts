import { isToolPart } from './isToolPart.js'
import { toolBase } from './toolBase.js'
import type { MessagePart, ToolPart, UIMessage } from './types.js'

/** Closes all that is open in a message, so that it can stand in a history. The same message if nothing is. */
export function closeMessage(
  message: UIMessage,
  interrupted?: NonNullable<UIMessage['metadata']>['interrupted'],
): UIMessage {
  const why = interrupted === 'stopped' ? 'stopped' : 'interrupted'
  const parts = message.parts.map((part): MessagePart => {
    if (isToolPart(part)) return closeTool(part, why)
    return part.type === 'step-start' || part.state === 'done' ? part : { ...part, state: 'done' }
  })
  const isClosed = parts.every((part, index) => part === message.parts[index])
  if (isClosed && interrupted === undefined) return message
  return { ...message, parts, ...(interrupted === undefined ? {} : { metadata: { ...message.metadata, interrupted } }) }
}

function closeTool(part: ToolPart, why: string): ToolPart {
  const base = { ...toolBase(part), input: part.input }
  switch (part.state) {
    case 'input-streaming':
    case 'input-available':
      return { ...base, state: 'output-error', errorText: why }
    case 'approval-requested':
      return { ...base, state: 'output-denied', approval: { ...part.approval, approved: false, reason: why } }
    case 'approval-responded':
      return { ...base, state: 'output-error', errorText: why, approval: part.approval }
    default:
      return part
  }
}
