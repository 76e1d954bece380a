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
  [/\[(TOOL_CALLS|AVAILABLE_TOOLS)\]/, 'mistral'],
  [/^(?=[^]*<tool_call>)(?=[^]*<function=)[^]*<parameter=/, 'qwen3-xml'],
  // Granite 4 closes its tags: that is hermes.
  [/^(?![^]*<\/tool_call>)(?=[^]*<\|start_of_role\|>)[^]*(<\|?tool_call\|?>|available_tools)/, 'granite'],
  // Others that build on Llama keep its tag, but write `<function=`.
  [/^(?![^]*<function=)[^]*(<\|python_tag\|>|\{"name": function name, "parameters":)/, 'llama-json'],
  // SmolLM3, whose template names SmolLM as well.
  [/\bxml_tools\b|\/no_think\b/, 'hermes'],
]

/** Tokens that tell a format where the template, which has the first string in it, knows no tools. */
const tokens: readonly (readonly [template: string, token: string, format: ToolFormatName])[] = [
  ['[INST]', '[TOOL_CALLS]', 'mistral'],
  ['<|start_of_role|>', '<|tool_call|>', 'granite'],
  ['<|start_header_id|>', '<|python_tag|>', 'llama-json'],
]

/**
 * The tool format a model was trained on, or undefined where nothing tells.
 * The template decides: a token alone may be left over from a base model.
 */
export function detectToolFormat({ chatTemplate = '', specialTokens = [] }: ToolFormatClues): ToolFormatName | undefined {
  const marked = marks.find(([mark]) => mark.test(chatTemplate))
  if (marked !== undefined) return marked[1]
  if (/<tool_call>\s*(?:\\n)?\s*\[/.test(chatTemplate)) return 'smollm2'
  // The same tags around XML of other kinds are other families'.
  if (chatTemplate.includes('<tool_call>')) return /<function=|<arg_key>/.test(chatTemplate) ? undefined : 'hermes'
  if (/\bSmolLM\b/.test(chatTemplate)) return 'smollm2'
  // LFM2.5's template may list tools and say nothing of calls; no other family has this token.
  if (specialTokens.includes('<|tool_call_start|>')) return 'pythonic'
  if (/\btools\b/.test(chatTemplate)) return undefined
  const known = tokens.find(([template, token]) => chatTemplate.includes(template) && specialTokens.includes(token))
  if (known !== undefined) return known[2]
  // Hermes is how ChatML models call tools, also those whose template leaves tools to the system message.
  return specialTokens.includes('<tool_call>') || chatTemplate.includes('<|im_start|>') ? 'hermes' : undefined
}
