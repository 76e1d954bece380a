import { JSONCallsReader } from '../parser/JSONCallsReader.js'
import { callGrammar, callOpening, describeTool, renderCall } from './hermes.js'
import type { ToolFormat } from './types.js'

/** A token in Granite 3's vocabulary. */
const token = '<|tool_call|>'
/** How converted and quantized models of the family spell it. */
const tag = '<tool_call>'
const markers = { opening: [token, tag], closing: ['</tool_call>', '<|/tool_call|>', '<|end_of_text|>'] }

/** A JSON list of all calls behind `<|tool_call|>` that nothing closes. Granite 3.0 to 3.3; later ones write `hermes`. */
export const granite: ToolFormat = {
  name: 'granite',
  opening: markers.opening,
  closing: markers.closing,
  createCallReader: (context) => new JSONCallsReader(context, markers),

  systemPrompt(tools, system) {
    if (tools.length === 0) return system ?? ''
    return `${system ? `${system}\n\n` : ''}You can call the following functions, one a line as JSON:
${tools.map(describeTool).join('\n')}

When a function is needed to answer the request, respond only with ${token} followed by a JSON list of calls:
${token}[{"name": "function_name", "arguments": {"argument": "value"}}]
If no function fits, answer in plain words.`
  },

  renderCalls: (calls) => `${token}[${calls.map(renderCall).join(', ')}]`,

  renderResults: (results) => [
    { role: 'user', content: results.map(({ content }) => `<tool_response>\n${content}\n</tool_response>`).join('\n') },
  ],

  forcedOpening(choice) {
    return choice === 'auto' || choice === 'none' ? undefined : `${token}[${callOpening(choice)}`
  },

  grammar: (tools) =>
    markers.opening.map((opening) => ({
      opening,
      block: { sequence: [{ text: '[' }, { list: { choice: tools.map(callGrammar) }, separator: ', ' }, { text: ']' }] },
    })),

  stopTokens: ['<|end_of_text|>'],
}
