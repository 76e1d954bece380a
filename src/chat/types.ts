import type { LLMError, LLMErrorCode } from '../errors/index.js'
import type { CallConfidence, GenerateMetrics, SamplingOptions, ToolChoice } from '../inference/types.js'
import type { Doubt } from '../tools/doubts/types.js'
import type { DoubtPolicy, Tool } from '../tools/types.js'

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

/** Why the user is asked before a call runs: the tool says so, the call is doubtful, the model was unsure. */
export type ApprovalReason = 'needs-approval' | 'doubts' | 'low-confidence'

/** A question to the user whether a call may run, before it is answered. */
export interface ApprovalRequest {
  /** Why it is asked; at least one. */
  because: readonly ApprovalReason[]
}

/** The question and its answer. */
export interface Approval extends ApprovalRequest {
  approved: boolean
  /** What came with the answer; `stopped` or `interrupted` where none was given. */
  reason?: string
}

interface ToolPartBase {
  /** `tool-` and the tool's name, as in the AI SDK. */
  type: `tool-${string}`
  toolName: string
  toolCallId: string
  /** What in the call seems not to be what was asked for. Set before it runs, where something was found. */
  doubts?: readonly Doubt[]
  /** How sure the model was, where the engine tells. */
  confidence?: CallConfidence
}

/**
 * A tool call on its way from the model's first words to the result. States as in the AI SDK.
 *
 * - `input-streaming`: being written. `partialInput` has the fields so far, parsed; all but the last
 *   one are whole, a text in the last one may yet grow. Undefined before the first `{`.
 * - `input-available`: written; it is checked, then runs. `awaitsResult`: it waits for `addToolResult`.
 * - `approval-requested`: waits for `addToolApproval`.
 * - `approval-responded`: allowed; runs, or waits for `addToolResult`.
 * - `output-denied`: the user did not allow it; the model is told.
 * - `output-error`: the model gets `errorText` in place of a result. `errorCode`: which documented failure
 *   it is, where it is one of those; `rawInput`: what the model wrote, where it was no valid call.
 */
export type ToolPart = ToolPartBase &
  (
    | { state: 'input-streaming'; input: null; partialInput?: unknown; rawInput: string }
    | { state: 'input-available'; input: unknown; awaitsResult?: true }
    | { state: 'approval-requested'; input: unknown; approval: ApprovalRequest }
    | { state: 'approval-responded'; input: unknown; approval: Approval; awaitsResult?: true }
    | { state: 'output-available'; input: unknown; output: unknown; approval?: Approval }
    | { state: 'output-error'; input: unknown; errorText: string; errorCode?: LLMErrorCode; rawInput?: string; approval?: Approval }
    | { state: 'output-denied'; input: unknown; approval: Approval }
  )

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
   * {@link CallConfidence} counts. Calls that carry no confidence pass. Default 0: never.
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
