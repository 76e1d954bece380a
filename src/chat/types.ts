import type { LLMError } from '../errors/index.js'
import type { GenerateMetrics, SamplingOptions, ToolChoice } from '../inference/types.js'
import type { Tool } from '../tools/types.js'

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

interface ToolPartBase {
  /** `tool-` and the tool's name, as in the AI SDK. */
  type: `tool-${string}`
  toolName: string
  toolCallId: string
}

/** A tool call on its way from the model's first words to the result. States as in the AI SDK. */
export type ToolPart = ToolPartBase &
  (
    | { state: 'input-streaming'; input: unknown; rawInput: string }
    | { state: 'input-available'; input: unknown }
    | { state: 'output-available'; input: unknown; output: unknown }
    | { state: 'output-error'; input: unknown; errorText: string; rawInput?: string }
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
  }
}

/** The turn's state machine. `submitted`: waiting for the first token. */
export type ChatStatus = 'ready' | 'submitted' | 'streaming' | 'error'

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
