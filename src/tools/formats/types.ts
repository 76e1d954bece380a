import type { CallReader, CallReaderContext } from '../parser/types.js'
import type { CallGrammar } from './grammar.js'
import type { ToolFormatClues } from './detectToolFormat.js'
import type { ToolCall, ToolChoice, ToolFormatName, ToolResult, ToolSpec } from '../types.js'

/** How a family marks reasoning. */
export interface ReasoningMarkers {
  /** Empty where only headers open it. */
  opening: readonly string[]
  closing: readonly string[]
  /** Whether headers and calls count inside of reasoning, too. Default `false`: there they are reasoning. */
  interruptible?: boolean
}

/** How one family of models writes tools, calls and results. One file each, listed in `registry.ts`. */
export interface ToolFormat {
  name: ToolFormatName
  /** The format as the models with these clues write it, for families whose generations differ. Default: all alike. */
  variant?(clues: ToolFormatClues): ToolFormat
  /** Strings that open a call. Each is held back while it may still become one. */
  opening: readonly string[]
  /**
   * Those of `opening` that count only at the start of an answer, behind nothing but blanks and reasoning,
   * because they are common in text: the brace of JSON without markers. Default none.
   */
  bareOpening?: readonly string[]
  /** Strings that close a call; never shown, also where they stray into text. */
  closing: readonly string[]
  /** Strings that open the header of a section, e.g. of a channel. The reader reads on from them, too. Default none. */
  headers?: readonly string[]
  /**
   * The beginning of a call that a header has come to, by its text so far, marker included. For formats that name
   * a call's tool in a header: {@link ToolFormat.grammar} tells what follows. Default: calls open with `opening` only.
   */
  opensInHeader?(header: string): string | undefined
  /** Where the family marks reasoning in its own way. Default: between `<think>` and `</think>`. */
  reasoning?: ReasoningMarkers
  /**
   * The part of the prompt's end that belongs to what the model goes on writing, e.g. an open header.
   * It is read before the output. Default none.
   */
  promptTail?(generationPrompt: string): string
  /** Reads what follows an opening string or a header's. */
  createCallReader(context: CallReaderContext): CallReader
  /** The whole system message for a chat template that does not know tools. */
  systemPrompt(tools: readonly ToolSpec[], system?: string): string
  /** An assistant message's content that makes these calls. */
  renderCalls(calls: readonly Pick<ToolCall, 'name' | 'input'>[]): string
  /** Messages that carry the results of one step, for a chat template without a tool role. */
  renderResults(results: readonly ToolResult[]): { role: 'user' | 'tool'; content: string }[]
  /**
   * How the assistant's message has to begin to obey `choice`, or undefined where the model is free.
   * Feed it to the model as prefill and to the parser as its first text.
   */
  forcedOpening(choice: ToolChoice): string | undefined
  /**
   * What may follow each opening string when calls are constrained: only calls of `tools`, with
   * arguments that fit. Undefined for a format without a grammar; its calls are validated only.
   * @param choice tells whether a block may do without a call, where the format has a way to write that.
   */
  grammar?: ((tools: readonly ToolSpec[], choice: ToolChoice) => readonly CallGrammar[]) | undefined
  /** Tokens that end a turn in this family, where the vocabulary has them as special tokens. */
  stopTokens: readonly string[]
}
