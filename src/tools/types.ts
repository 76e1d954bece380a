import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec'

/** A JSON Schema (draft 2020-12), as a plain object. */
export type JSONSchema = { readonly [key: string]: unknown }

/** A schema of a Standard Schema library (zod 4, arktype, …) that can also give JSON Schema. */
export type StandardToolSchema<Input = unknown, Output = Input> = StandardSchemaV1<Input, Output> &
  StandardJSONSchemaV1<Input, Output>

/** What `inputSchema` accepts. */
export type ToolSchema = StandardToolSchema | JSONSchema

/** The type a schema's values have after validation; `unknown`-valued record for plain JSON Schema. */
export type InferSchema<S> = S extends StandardSchemaV1<unknown, infer Output> ? Output : Record<string, unknown>

/** What a handler gets beside its input. */
export interface ToolContext {
  toolCallId: string
  /** Aborts when the user stops the turn or the provider unmounts. */
  signal: AbortSignal
}

/** A function of the app that the model can call. Made with {@link tool}. */
export interface Tool<S extends ToolSchema = ToolSchema, Output = unknown> {
  /** `[A-Za-z_][A-Za-z0-9_-]{0,63}`, unique among the tools of a conversation. */
  name: string
  /** What the function does and when to call it, for the model. */
  description: string
  /** Schema of the arguments: an object. */
  inputSchema: S
  /** Runs the call. What it returns (anything JSON can hold) goes back to the model. */
  execute: (input: InferSchema<S>, context: ToolContext) => Output | Promise<Output>
}
