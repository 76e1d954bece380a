import type { ToolFormatName } from '../../types.js'
import type { ToolCallParserOptions } from '../../parser/createToolCallParser.js'
import type { ParserFinishReason } from '../../parser/types.js'
import type { ToolFormat } from '../types.js'

/** One piece of an output's content. */
export type ExpectedContent =
  | { text: string }
  | { reasoning: string }
  | { call: string; input: unknown }
  | { error: RegExp; raw?: string; name?: string; input?: unknown }

/** An output, and what it means. */
export interface OutputCase {
  output: string
  expected: ExpectedContent[]
  /** Default `stop`. */
  reason?: ParserFinishReason
  options?: Partial<ToolCallParserOptions>
}

/** A call to write down. */
export interface WrittenCall {
  name: string
  input: Record<string, unknown>
}

/** How a format's models write, for the cases that every format has to get right. */
export interface Dialect {
  /** By name, or a variant of one. */
  format: ToolFormatName | ToolFormat
  /** Calls as a model of the family writes them after any text, by hand and not by the format's own code. */
  write(calls: readonly WrittenCall[]): string
  /** Text that the parser reports between two calls of one `write`. Default none. */
  between?: string
  /** The markers of a thinking block. Default `<think>` and `</think>`; null where the family has none. */
  thinking?: readonly [open: string, close: string] | null
  /** Markup that an argument's string has to survive, beside the format's opening and closing strings. */
  markup?: readonly string[]
  /** Whether a string can stand in an argument. Default: any can. */
  canWrite?(text: string): boolean
  /** Whether a key can stand in an object. Default: as `canWrite` says. */
  canWriteKey?(key: string): boolean
  /** How the format writes the results `{"ok":true}` and `"<b> & \\u00e9"`. Default: as they are. */
  results?: readonly [string, string]
  /** Whether a value's type can only be told from the tool's schema. Default `false`. */
  needsTypes?: boolean
}
