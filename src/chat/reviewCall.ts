import type { Doubt } from '../tools/doubts/types.js'
import type { Tool } from '../tools/types.js'
import { callDoubts, doubtPolicy } from './callDoubts.js'
import type { CallEvent } from './runToolCall.js'
import type { ApprovalReason, ConversationOptions, UIMessage } from './types.js'

/** What a look at a valid call before it runs has shown. */
export interface Review {
  doubts: readonly Doubt[]
  /** Whether the call must not run because of its doubts. */
  isRefused: boolean
  /** Why the user has to be asked; empty if the call may run. */
  because: ApprovalReason[]
}

/** A call and what it came from. */
export interface ReviewSubject {
  call: CallEvent
  tool: Tool
  /** What the tool's schema let through. */
  input: never
  /** The conversation up to the call. */
  messages: readonly UIMessage[]
}

/** Looks at a call before it runs. */
export function reviewCall({ call, tool, input, messages }: ReviewSubject, options: ConversationOptions): Review {
  const { needsApproval = false } = tool
  const doubts = callDoubts(call, tool, messages, options.system)
  const policy = doubtPolicy(tool, options)
  const because: ApprovalReason[] = []
  if (typeof needsApproval === 'function' ? needsApproval(input) : needsApproval) because.push('needs-approval')
  if (doubts.length > 0 && policy === 'confirm') because.push('doubts')
  if (lowestConfidence(call) < (options.confirmBelow ?? 0)) because.push('low-confidence')
  return { doubts, isRefused: doubts.length > 0 && policy === 'refuse', because }
}

/** A call without figures passes. */
function lowestConfidence({ confidence }: CallEvent): number {
  return confidence === undefined ? 1 : Math.min(confidence.name, ...Object.values(confidence.arguments))
}
