import { LLMError } from '../../errors/index.js'
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
  /**
   * Whether what stands between the family's marks of reasoning, mostly `<think>` and `</think>`, is that. Default
   * `true`; `false` leaves it and the tags in the text. Not for formats whose headers tell reasoning from text.
   */
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
 * @throws LLMError `invalid-tool` for a tool whose schema gives no JSON Schema; `invalid-config` for `thinking: false`
 *   with a format (`harmony`, `gemma4`) that has no text without headers.
 */
export function createToolCallParser(
  formatOrName: ToolFormatName | ToolFormat,
  options: ToolCallParserOptions,
): ToolCallParser {
  const format = typeof formatOrName === 'string' ? getToolFormat(formatOrName) : formatOrName
  const { thinking = true } = options
  if (!thinking && format.reasoning?.opening.length === 0) throw notWithoutThinking(format.name)
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
    format,
    names: [...schemas.keys()],
    schema: (name) => schemas.get(name),
    check,
    createId: options.createId ?? createId,
    generationPrompt: options.generationPrompt ?? '',
    thinking,
  })
}

function notWithoutThinking(format: ToolFormatName): LLMError {
  return new LLMError({
    code: 'invalid-config',
    subject: 'thinking',
    message:
      `\`thinking: false\` is not possible with ${format}: its reasoning stands in channels, which the format's headers open, not between ` +
      'tags that a text could show. Leave `thinking` out, and drop `reasoning-delta` events if you do not want them.',
  })
}
