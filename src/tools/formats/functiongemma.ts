import { GemmaCallReader } from '../parser/GemmaCallReader.js'
import { SkippedSection } from '../parser/SkippedSection.js'
import { declareTool, gemmaCallGrammar, renderGemmaResult, toGemma } from './gemmaNotation.js'
import type { ToolFormat } from './types.js'

const open = '<start_function_call>'
const close = '<end_function_call>'
const response = '<start_function_response>'
const responseEnd = '<end_function_response>'
const quote = '<escape>'

/**
 * Calls in Gemma's notation with `<escape>` around strings. Google's FunctionGemma, after the model card of
 * google/functiongemma-270m-it. The training pipeline has the same format in `edge_llm/formats/functiongemma.py`.
 *
 * Strings are not escaped, so none can hold `<escape>`. A key that cannot stand bare gets quotes.
 */
export const functiongemma: ToolFormat = {
  name: 'functiongemma',
  opening: [open],
  closing: [close, responseEnd],
  // Behind its calls the model waits for their results; what it makes up in their place is not its answer.
  headers: [response],
  createCallReader: (context) =>
    context.opening === response
      ? new SkippedSection(responseEnd)
      : new GemmaCallReader(context, close, { quote, lenient: false }),

  systemPrompt(tools, system) {
    if (tools.length === 0) return system ?? ''
    const declared = tools.map((tool) => `<start_function_declaration>${declareTool(tool, quote)}<end_function_declaration>`)
    return `${system ? `${system}\n` : ''}You are a model that can do function calling with the following functions${declared.join('')}`
  },

  renderCalls: (calls) => calls.map(({ name, input }) => `${open}call:${name}${toGemma(input, quote)}${close}`).join(''),

  renderResults: (results) => [
    { role: 'user', content: results.map((result) => `${response}${renderGemmaResult(result, quote)}${responseEnd}`).join('') },
  ],

  forcedOpening(choice) {
    if (choice === 'auto' || choice === 'none') return undefined
    return choice === 'required' ? `${open}call:` : `${open}call:${choice.name}{`
  },

  grammar: (tools) => [{ opening: open, block: gemmaCallGrammar(tools, quote, close) }],

  stopTokens: ['<end_of_turn>', response],
}
