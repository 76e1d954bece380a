import type { JSONSchema } from '../types.js'

/** What a parser tells about a model's output, in order. */
export type ToolCallParserEvent =
  | { type: 'text-delta'; text: string }
  | { type: 'reasoning-delta'; text: string }
  | { type: 'tool-input-start'; id: string; name: string }
  /** A piece of the arguments' JSON text; the pieces of a call joined are the whole of it. */
  | { type: 'tool-input-delta'; id: string; delta: string }
  | { type: 'tool-call'; id: string; name: string; input: unknown }
  /**
   * Something that was meant as a call and is none. `raw`: as the model wrote it, markers included.
   * `message`: what is wrong, worded for the model. `id`: set if the call's `tool-input-start` came before.
   * `input`: the arguments, where they could be read but are refused.
   */
  | { type: 'tool-error'; id?: string; name?: string; input?: unknown; raw: string; message: string }

/** Why the output ended. Only `length` and `abort` mean that it was cut. */
export type ParserFinishReason = 'stop' | 'length' | 'tool-calls' | 'abort'

/** How the block that a {@link CallReader} read has ended. */
export interface CallReaderEnd {
  /** What turned out to stand behind the block, to be read on from there; mostly nothing. */
  rest: string
  /** What turned out to be no call, its marker included. Shown as it is, before `rest`. */
  text?: string
  /** What follows, where the block was a header that tells. Default: what was before. */
  section?: 'text' | 'reasoning'
}

/** Reads the calls that follow one opening marker, one character at a time. */
export interface CallReader {
  /** Takes a character. */
  push(character: string): 'more' | CallReaderEnd
  /** The output has ended inside this block. */
  finish(reason: ParserFinishReason): CallReaderEnd
}

/** What a {@link CallReader} works with. */
export interface CallReaderContext {
  /** The marker that opened the block. */
  opening: string
  /** Whether the output has had nothing but blanks and reasoning before the marker. */
  atStart: boolean
  emit(event: ToolCallParserEvent): void
  createId(): string
  /** Whether there is a tool of this name. */
  has(name: string): boolean
  /** Names of all tools, for messages to the model. */
  names: readonly string[]
  /** The input schema of the tool of this name, for formats whose values show no types. */
  schema(name: string): JSONSchema | undefined
  /** What is wrong with `input`, or undefined if it is valid for the tool. */
  check(name: string, input: unknown): string | undefined
}
