import type { LLMError } from '../errors/index.js'
import type { GenerateMetrics, SamplingOptions, ToolChoice } from '../inference/types.js'
import type { ToolPart } from '../tools/toolPart.js'
import type { DoubtPolicy, Tool } from '../tools/types.js'

export type { Approval, ApprovalReason, ApprovalRequest, ToolPart } from '../tools/toolPart.js'

/** Text of a message. */
export interface TextPart {
  type: 'text'
  text: string
  state: 'streaming' | 'done'
}

/** What a reasoning model thought before it answered. */
export interface ReasoningPart {
  type: 'reasoning'
  text: string
  state: 'streaming' | 'done'
}

/** Stands between two generations of one answer: what follows has seen the results before it. */
export interface StepStartPart {
  type: 'step-start'
}

export type MessagePart = TextPart | ReasoningPart | ToolPart | StepStartPart

/** One message as a user interface shows it. Plain JSON. */
export interface UIMessage {
  id: string
  role: 'user' | 'assistant'
  parts: MessagePart[]
  metadata?: {
    /** Figures of the message's last generation. */
    metrics?: GenerateMetrics
    /** Why the message ended early, if it did. */
    interrupted?: 'stopped' | 'length' | 'error' | 'max-steps' | 'repeated-call'
    /**
     * Whether tools were used: `not-called` says that tools were offered and the model found that none
     * applies. `called` counts calls that were refused or denied, too. Undefined where the answer was cut
     * before it could be told.
     */
    toolUse?: 'called' | 'not-called' | 'not-offered'
  }
}

/**
 * The turn's state machine. `submitted`: waiting for the first token. `awaiting-approval`: at least one
 * call waits for the user's answer; others may run beside it.
 */
export type ChatStatus = 'ready' | 'submitted' | 'streaming' | 'awaiting-approval' | 'error'

/** How a conversation answers. Read anew at each step, so changes take effect at once. */
export interface ConversationOptions extends SamplingOptions {
  tools?: readonly Tool[]
  /** System prompt. */
  system?: string
  toolChoice?: ToolChoice
  /** How much the model leans towards calling a tool: above 0 more often, below 0 less often. Default: the model's own. */
  toolCallBias?: number
  /** Most generations per user message (each may call tools). Default 5. */
  maxSteps?: number
  maxTokens?: number
  stop?: string[]
  /** Whether the model may make several calls at once; `false` ends each step after one. Default true. */
  parallelToolCalls?: boolean
  /**
   * Whether calls are kept within their schemas while they are written. Default: where the model's tool format
   * has a grammar. Arguments are validated in any case.
   */
  constrained?: boolean
  /**
   * Most characters of a call's result, as JSON text, that the model gets; more is cut with a marker that
   * tells it so. The message keeps the whole result. Default 4000, about 1000 tokens.
   */
  maxToolResultChars?: number
  /**
   * What happens to calls whose arguments seem invented, negated or bent into range. A tool's own `onDoubt`
   * goes first. Default: `execute` for tools with `annotations.readOnly`, `confirm` for all others.
   */
  onDoubt?: DoubtPolicy
  /**
   * Asks the user before a call of which the model was less sure than this, 0 to 1: the lowest of its
   * `CallConfidence` counts. Calls that carry no confidence pass. Default 0: never.
   */
  confirmBelow?: number
  /** Told what goes wrong: a failed turn, and handlers that throw, time out or return what JSON cannot hold. */
  onError?: (error: LLMError) => void
  onFinish?: (message: UIMessage) => void
}

/** An immutable picture of a conversation; a new object after every change. */
export interface ConversationSnapshot {
  messages: readonly UIMessage[]
  status: ChatStatus
  /** Set exactly while `status` is `error`. */
  error: LLMError | undefined
}
