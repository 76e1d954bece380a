import { JSONCallsReader } from '../parser/JSONCallsReader.js'
import { toSpacedJSON } from '../spacedJSON.js'
import type { ToolSpec } from '../types.js'
import type { CallGrammar, GrammarNode } from './grammar.js'
import { describeTool } from './hermes.js'
import type { ToolFormat } from './types.js'

const tag = '<|python_tag|>'
const endOfMessage = '<|eom_id|>'
const endOfTurn = '<|eot_id|>'
const markers = { opening: [tag], closing: [endOfMessage, endOfTurn] }

/**
 * A call as a bare JSON object at the start of the answer, or behind `<|python_tag|>`; several are
 * separated by semicolons. Llama 3.1, 3.2 and 3.3, after Meta's prompt format documentation.
 * An object at the start that is no call (a JSON answer) is text.
 */
export const llamaJSON: ToolFormat = {
  name: 'llama-json',
  opening: [tag, '{'],
  bareOpening: ['{'],
  closing: markers.closing,
  createCallReader: (context) => new JSONCallsReader(context, markers),

  systemPrompt(tools, system) {
    if (tools.length === 0) return system ?? ''
    return `${system ? `${system}\n\n` : ''}You can call the following functions:

${tools.map(describeTool).join('\n')}

To call a function, answer with nothing but JSON in the format {"name": function name, "parameters": dictionary of argument name and its value}. Do not use variables. Separate several calls with semicolons. If no function fits, answer in plain words.`
  },

  renderCalls: (calls) => calls.map(renderCall).join('; '),

  renderResults: (results) => [
    { role: 'user', content: results.map(({ name, content }) => `Result of ${name}:\n${content}`).join('\n\n') },
  ],

  forcedOpening(choice) {
    if (choice === 'auto' || choice === 'none') return undefined
    return choice === 'required' ? '{"name":' : `{"name": ${JSON.stringify(choice.name)}, "parameters":`
  },

  // A brace alone may begin a JSON answer: it opens a call for sure only where a call has to be made.
  grammar(tools, choice) {
    const [call, rest] = ['{', ''].map((brace): GrammarNode => ({ choice: tools.map((tool) => callGrammar(tool, brace)) }))
    const behindTag: CallGrammar = { opening: tag, block: { list: call!, separator: '; ' }, isLast: true }
    return choice === 'auto' ? [behindTag] : [behindTag, { opening: '{', block: rest! }]
  },

  stopTokens: [endOfMessage, endOfTurn, '<|end_of_text|>'],
}

function callGrammar({ name, inputSchema }: ToolSpec, brace: string): GrammarNode {
  return { sequence: [{ text: `${brace}"name": ${JSON.stringify(name)}, "parameters": ` }, { json: inputSchema }, { text: '}' }] }
}

function renderCall({ name, input }: { name: string; input: unknown }): string {
  return `{"name": ${JSON.stringify(name)}, "parameters": ${toSpacedJSON(input)}}`
}
