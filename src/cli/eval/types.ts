import type { GenerateMetrics, PromptMessage, ToolSpec } from '../../inference/types.js'

/** A call as files spell it. */
export interface PlainCall {
  name: string
  arguments: unknown
}

/** One request with its tools, and the right calls where they are known. */
export interface EvalCase {
  id: string | number
  messages: PromptMessage[]
  tools: ToolSpec[]
  /**
   * The right answers: any of these lists of calls, in any order. An empty list means that no
   * call is right. Undefined where nobody said what is right.
   */
  expected: PlainCall[][] | undefined
  /** What kind of request it is; scores are given for each. */
  category: string | undefined
}

/** What a model wrote as a call and the kit would never dispatch. */
export interface RejectedCall {
  name?: string
  arguments?: unknown
  /** What is wrong with it. */
  reason: string
  /** As the model wrote it. */
  raw: string
}

/** A model's answer to one case: a line of the predictions file. */
export interface Prediction {
  id: string | number
  /** Calls that the kit dispatches: known tools, arguments that fit the schema. */
  toolCalls: PlainCall[]
  rejected: RejectedCall[]
  text: string
  /** Undefined where generation failed. */
  metrics?: GenerateMetrics & { finishReason: string }
  /** Token ids of the answer, where they were asked for. */
  tokenIds?: number[]
  /** Why there is no answer: the request did not fit into the context, or its messages into the template. */
  error?: { code: string; message: string }
}
