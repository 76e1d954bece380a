import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec'
import type { InferJSONSchema } from './inferJSONSchema.js'

/** A JSON Schema (draft 2020-12), as a plain object. */
export type JSONSchema = { readonly [key: string]: unknown }

/** A schema of a Standard Schema library (zod 4, arktype, …) that can also give JSON Schema. */
export type StandardToolSchema<Input = unknown, Output = Input> = StandardSchemaV1<Input, Output> &
  StandardJSONSchemaV1<Input, Output>

/** What `inputSchema` accepts. */
export type ToolSchema = StandardToolSchema | JSONSchema

/** The type a schema's values have after validation. Plain JSON Schema is read as a type where it can be. */
export type InferSchema<S> = S extends StandardSchemaV1<unknown, infer Output> ? Output : InferJSONSchema<S>

/** What a schema takes, before its own defaults and transforms. Plain JSON Schema is read as a type where it can be. */
export type SchemaInput<S> = S extends StandardSchemaV1<infer Input, unknown> ? Input : InferJSONSchema<S>

/** `T` with everything in it read-only. */
export type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T

/**
 * What a handler may return for a schema. The second part changes nothing but what the compiler infers:
 * seeing texts in it, it takes `'paid'` for one word and not for any text.
 */
export type ToolOutput<S> = DeepReadonly<SchemaInput<S>> & (string | number | boolean | NonNullable<unknown> | null | undefined)

/** What a handler gets beside its input. */
export interface ToolContext {
  toolCallId: string
  /** Aborts when the user stops the turn, the tool's `timeout` has passed, or the provider unmounts. */
  signal: AbortSignal
}

/** What is known about a tool beside its schema. */
export interface ToolAnnotations {
  /** The tool changes nothing, so a doubtful call of it does no harm. Default false. */
  readOnly?: boolean
}

/**
 * What happens to a call with doubts: it runs all the same, the user is asked, or it is
 * not run and the model is told why.
 */
export type DoubtPolicy = 'execute' | 'confirm' | 'refuse'

/**
 * A function of the app that the model can call. Made with {@link tool}.
 *
 * The parameters default to "some tool": a handler takes `never`, so every tool fits into
 * `readonly Tool[]`, and only code that has validated an input may pass it on.
 */
export interface Tool<Input = never, Output = unknown, Name extends string = string> {
  /** `[A-Za-z_][A-Za-z0-9_-]{0,63}`, unique among the tools of a conversation. */
  name: Name
  /** What the function does and when to call it, for the model. */
  description: string
  /** Schema of the arguments: an object. */
  inputSchema: ToolSchema
  /** Schema of the result. What does not fit it is the error `invalid-tool-output`. Default: anything JSON can hold. */
  outputSchema?: ToolSchema
  /**
   * Runs the call. What it returns (anything JSON can hold) goes back to the model.
   * Without it the call waits for the app's `addToolResult`.
   */
  execute?: (input: Input, context: ToolContext) => Output | Promise<Output>
  /** Whether the user is asked before a call runs: always, or as a function of the valid input says. Default false. */
  needsApproval?: boolean | ((input: Input) => boolean)
  /**
   * Most milliseconds from when a call may run to its result, whether `execute` or `addToolResult`
   * gives it. Time the user takes to allow it does not count. Default: no limit.
   */
  timeout?: number
  annotations?: ToolAnnotations
  /** Overrules the conversation's `onDoubt` for this tool. */
  onDoubt?: DoubtPolicy
  /** Draws a call of the tool, from {@link ToolRenderProps} to what React can show. */
  render?: (props: never) => unknown
}

/** A tool as the model sees it. */
export interface ToolSpec {
  name: string
  description: string
  inputSchema: JSONSchema
}

/** A call of one of the app's functions, as the model asked for it. */
export interface ToolCall {
  id: string
  name: string
  /** The arguments, parsed and valid against the tool's input schema. */
  input: unknown
}

/** What a call gave, on its way back to the model. */
export interface ToolResult {
  toolCallId: string
  name: string
  /** The result, or `{"error": …}`, as JSON text. */
  content: string
}

/** Whether the model may, must or must not call a tool, or which one it must call. */
export type ToolChoice = 'auto' | 'required' | 'none' | { name: string }

/** Names of the tool-call formats the kit can render and parse. */
export type ToolFormatName =
  | 'functiongemma'
  | 'gemma4'
  | 'granite'
  | 'harmony'
  | 'hermes'
  | 'llama-json'
  | 'mistral'
  | 'pythonic'
  | 'qwen3-xml'
  | 'smollm2'
