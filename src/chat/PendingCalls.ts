import { PendingAnswers } from './PendingAnswers.js'

/** The user's answer to a part in state `approval-requested`. */
export interface ToolApproval {
  toolCallId: string
  /** Whether the call may run. */
  approved: boolean
  /** Why not, or a remark; the model gets it with a denial. */
  reason?: string
}

/** The app's result of a call whose tool has no `execute`, or why there is none. */
export type ToolCallResult = { toolCallId: string } & ({ output: unknown } | { errorText: string })

/** What the calls of one turn wait for. */
export class PendingCalls {
  readonly approvals = new PendingAnswers<ToolApproval>()
  readonly results = new PendingAnswers<ToolCallResult>()
}
