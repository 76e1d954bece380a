import type { LLMErrorCode } from '../errors/index.js'
import type { Doubt } from './doubts/types.js'
import type { AsJSON, PartialInput } from './jsonTypes.js'

/** How sure the model was of a call: means of the probabilities that it gave to the tokens it wrote, 0 to 1. */
export interface CallConfidence {
  /** Of the tool's name. */
  name: number
  /** Of each top-level argument's value, by key. */
  arguments: Readonly<Record<string, number>>
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

interface ToolPartBase<Name extends string> {
  /** `tool-` and the tool's name, as in the AI SDK. */
  type: `tool-${Name}`
  toolName: Name
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
 *
 * `input` is what the model wrote, before the schema's defaults and transforms. With the parameters of a
 * tool it is typed by its schema; what is still being written, or was saved by another version of the app,
 * is not held to that.
 */
export type ToolPart<Name extends string = string, Input = unknown, Output = unknown> = ToolPartBase<Name> &
  (
    | { state: 'input-streaming'; input: null; partialInput?: PartialInput<Input>; rawInput: string }
    | { state: 'input-available'; input: Input; awaitsResult?: true }
    | { state: 'approval-requested'; input: Input; approval: ApprovalRequest }
    | { state: 'approval-responded'; input: Input; approval: Approval; awaitsResult?: true }
    | { state: 'output-available'; input: Input; output: AsJSON<Output>; approval?: Approval }
    | { state: 'output-error'; input: unknown; errorText: string; errorCode?: LLMErrorCode; rawInput?: string; approval?: Approval }
    | { state: 'output-denied'; input: Input; approval: Approval }
  )

/** What a tool's `render` gets: the call, and what can be done about it. */
export interface ToolRenderProps<Name extends string = string, Input = unknown, Output = unknown> {
  /** The call; its `state` says how far it is and what is there to show. */
  part: ToolPart<Name, Input, Output>
  /** Allows a call in the state `approval-requested`. @throws LLMError `invalid-request` in other states. */
  approve: () => void
  /** Does not allow it; the model gets the reason. @throws LLMError `invalid-request` in other states. */
  deny: (reason?: string) => void
  /** Gives the result, or the error, of a call with `awaitsResult`. @throws LLMError `invalid-request` for others. */
  addToolResult: (result: { output: unknown } | { errorText: string }) => void
}
