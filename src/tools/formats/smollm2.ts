import { callGrammar, callOpening, describeTool, hermes, renderCall } from './hermes.js'
import type { GrammarNode } from './grammar.js'
import type { ToolFormat } from './types.js'

const tag = '<tool_call>'
const open = `${tag}[`
const close = ']</tool_call>'

/**
 * SmolLM2's variant of Hermes: all calls of a step in one list, an empty list for none.
 * Its stock chat template knows no tools, so they go into the system message.
 */
export const smollm2: ToolFormat = {
  ...hermes,
  name: 'smollm2',

  systemPrompt(tools, system) {
    if (tools.length === 0) return system ?? ''
    return `${system ? `${system}\n\n` : ''}You answer requests by calling functions. These are the functions, as JSON:
<tools>[${tools.map(describeTool).join(', ')}]</tools>

Write the calls as a JSON list between tags, with every argument in the type its function asks for, and nothing else:
${open}
{"name": "function_name", "arguments": {"argument": "value"}}
${close}
If no function fits or an argument is missing, write an empty list '[]' between the tags, or say what is missing.`
  },

  renderCalls: (calls) => `${open}\n${calls.map(renderCall).join(',\n')}\n${close}`,

  forcedOpening(choice) {
    if (choice === 'auto' || choice === 'none') return undefined
    return `${open}\n${callOpening(choice)}`
  },

  grammar(tools, choice) {
    const calls: GrammarNode = { list: { choice: tools.map(callGrammar) }, separator: ',\n' }
    const some: GrammarNode = { sequence: [{ text: '\n' }, calls, { text: '\n' }] }
    const content: GrammarNode = choice === 'auto' ? { choice: [some, { text: '' }] } : some
    return [{ opening: tag, block: { sequence: [{ text: '[' }, content, { text: close }] } }]
  },
}
