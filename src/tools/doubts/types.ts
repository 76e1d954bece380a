import type { JSONSchema } from '../types.js'

/**
 * Why an argument is doubtful:
 * - `ungrounded`: the value can't be traced to the conversation;
 * - `negated`: the user's last message asks *not* to do this;
 * - `out-of-range`: the user said a number that the schema forbids, and the call carries another one.
 */
export type DoubtKind = 'ungrounded' | 'negated' | 'out-of-range'

/** One finding about a call that is valid, but perhaps not what was asked for. */
export interface Doubt {
  /** JSON pointer (RFC 6901) into the call's input: `/city`, `/items/0/name`; `''` for the call as a whole. */
  path: string
  kind: DoubtKind
}

/** A call, and the conversation that it came from. */
export interface DoubtContext {
  /** The call's arguments, valid against `inputSchema`. */
  input: unknown
  /** The tool's schema, as JSON Schema. */
  inputSchema: JSONSchema
  toolName: string
  /** The tool's description. Default: none. */
  description?: string
  /** What the user wrote, oldest first. */
  userTexts: readonly string[]
  /** Other text that the model has read and may take values from: results of tools, the system prompt. Default: none. */
  contextTexts?: readonly string[]
}
