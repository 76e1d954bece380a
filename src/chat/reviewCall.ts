import type { Tool } from '../tools/types.js'
import type { CallEvent } from './runToolCall.js'
import type { ApprovalReason, ConversationOptions } from './types.js'

/** What a look at a valid call before it runs has shown. */
export interface Review {
  /** Why the user has to be asked; empty if the call may run. */
  because: ApprovalReason[]
}

/** Looks at a call before it runs. `input` is what the tool's schema let through. */
export function reviewCall(call: CallEvent, tool: Tool, input: never, { confirmBelow = 0 }: ConversationOptions): Review {
  const { needsApproval = false } = tool
  const because: ApprovalReason[] = []
  if (typeof needsApproval === 'function' ? needsApproval(input) : needsApproval) because.push('needs-approval')
  if (lowestConfidence(call) < confirmBelow) because.push('low-confidence')
  return { because }
}

/** A call without figures passes. */
function lowestConfidence({ confidence }: CallEvent): number {
  return confidence === undefined ? 1 : Math.min(confidence.name, ...Object.values(confidence.arguments))
}
