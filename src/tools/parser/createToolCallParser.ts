import { createId } from '../createId.js'
import { getToolFormat } from '../formats/registry.js'
import type { ToolFormat } from '../formats/types.js'
import { createJSONValidator, type JSONValidator } from '../createJSONValidator.js'
import { toJSONSchema } from '../schema.js'
import type { ToolFormatName, ToolSchema } from '../types.js'
import { OutputParser } from './OutputParser.js'
import type { ParserFinishReason, ToolCallParserEvent } from './types.js'

/** Settings of {@link createToolCallParser}. */
export interface ToolCallParserOptions {
  /** The tools the model was given. A call of any other is an error. */
  tools: readonly { name: string; inputSchema: ToolSchema }[]
  /**
   * The end of the prompt that the output continues, e.g. `<|im_start|>assistant\n<think>\n`.
   * Where it leaves a thinking block open, the output begins as reasoning.
   */
  generationPrompt?: string
  /** Whether `<think>` … `</think>` is reasoning. Default `true`; `false` leaves the tags in the text. */
  thinking?: boolean
  /** Makes the calls' ids. Default: nine random letters and digits. */
  createId?: () => string
}

/** Takes a model's output piece by piece. How it is cut makes no difference to the sum of events. */
export interface ToolCallParser {
  push(textDelta: string): ToolCallParserEvent[]
  /** Ends the output. A call that was cut off is a `tool-error` here. */
  finish(options: { finishReason: ParserFinishReason }): ToolCallParserEvent[]
}

/**
 * A streaming parser of text, reasoning and tool calls. Runs anywhere. Calls are checked against
 * their tool's input schema; what does not fit is a `tool-error` with a message for the model.
 * @throws LLMError `invalid-tool` for a tool whose schema gives no JSON Schema.
 */
export function createToolCallParser(
  format: ToolFormatName | ToolFormat,
  options: ToolCallParserOptions,
): ToolCallParser {
  const schemas = new Map(options.tools.map((tool) => [tool.name, toJSONSchema(tool.inputSchema, tool.name)]))
  const validators = new Map<string, JSONValidator>()
  const check = (name: string, input: unknown): string | undefined => {
    const schema = schemas.get(name)
    if (schema === undefined) return undefined
    const validator = validators.get(name) ?? createJSONValidator(schema)
    validators.set(name, validator)
    return validator(input)
  }
  return new OutputParser({
    format: typeof format === 'string' ? getToolFormat(format) : format,
    names: [...schemas.keys()],
    schema: (name) => schemas.get(name),
    check,
    createId: options.createId ?? createId,
    generationPrompt: options.generationPrompt ?? '',
    thinking: options.thinking ?? true,
  })
}
