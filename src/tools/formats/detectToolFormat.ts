import type { ToolFormatName } from '../types.js'

/** What {@link detectToolFormat} looks at. */
export interface ToolFormatClues {
  /** The model's Jinja chat template. */
  chatTemplate?: string
  /** Texts of the tokenizer's added tokens. */
  specialTokens?: readonly string[]
}

/** Marks that only one family's template has. */
const marks: readonly (readonly [mark: RegExp, format: ToolFormatName])[] = [
  [/<\|tool_(call|list)_start\|>|\[func_name1?\(/, 'pythonic'],
  [/<start_function_(call|declaration)>/, 'functiongemma'],
  [/<\|tool_call>|<\|tool>/, 'gemma4'],
  [/<\|channel\|>/, 'harmony'],
]

/**
 * The tool format a model was trained on, or undefined where nothing tells.
 * The template decides: a token alone may be left over from a base model.
 */
export function detectToolFormat({ chatTemplate = '', specialTokens = [] }: ToolFormatClues): ToolFormatName | undefined {
  const marked = marks.find(([mark]) => mark.test(chatTemplate))
  if (marked !== undefined) return marked[1]
  if (/<tool_call>\s*(?:\\n)?\s*\[/.test(chatTemplate)) return 'smollm2'
  // The same tags around XML parameters are another family's.
  if (chatTemplate.includes('<tool_call>')) return chatTemplate.includes('<function=') ? undefined : 'hermes'
  if (/\bSmolLM\b/.test(chatTemplate)) return 'smollm2'
  if (/\btools\b/.test(chatTemplate)) return undefined
  // Hermes is how ChatML models call tools, also those whose template leaves tools to the system message.
  return specialTokens.includes('<tool_call>') || chatTemplate.includes('<|im_start|>') ? 'hermes' : undefined
}
