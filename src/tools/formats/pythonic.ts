import { PythonCallsReader } from '../parser/PythonCallsReader.js'
import { lfm2 } from './lfm2.js'
import { pythonCallsGrammar, renderPythonCall } from './pythonCall.js'
import type { ToolFormat } from './types.js'

/** Markers that may stand around a list of calls, and what closes each. */
const pairs: { readonly [opening: string]: string } = {
  '<|python_start|>': '<|python_end|>',
  '<|tool_call_start|>': '<|tool_call_end|>',
}

/**
 * Calls as a list in Python, `[f(a=1, b="x"), g()]`, mostly without markers. Llama 4, Llama 3.2 and others
 * with a chat template for pythonic calls. LFM2 is a variant with markers of its own.
 *
 * Without markers, a list is a call where an answer begins with it or where it calls a tool that there is.
 */
export const pythonic: ToolFormat = {
  name: 'pythonic',
  variant({ chatTemplate = '', specialTokens = [] }) {
    const isLFM2 = /<\|tool_(call|list)_start\|>/.test(chatTemplate) || specialTokens.includes('<|tool_call_start|>')
    return isLFM2 ? lfm2 : pythonic
  },
  opening: ['[', ...Object.keys(pairs)],
  closing: Object.values(pairs),
  createCallReader: (context) => new PythonCallsReader(context, pairs[context.opening]),

  systemPrompt(tools, system) {
    if (tools.length === 0) return system ?? ''
    const listed = tools.map(({ name, description, inputSchema }) => JSON.stringify({ name, description, parameters: inputSchema }))
    return `${system ? `${system}\n\n` : ''}You can call functions. These are described as JSON:
${listed.join('\n')}

To call functions, answer with a Python list of calls and nothing else:
[function_name(argument="text", other_argument=1), other_function()]
If no function fits or an argument is missing, say so in plain words.`
  },

  renderCalls: (calls) => `[${calls.map(renderPythonCall).join(', ')}]`,

  renderResults: (results) => [
    { role: 'user', content: `Results:\n${results.map(({ name, content }) => `${name}: ${content}`).join('\n')}` },
  ],

  forcedOpening(choice) {
    if (choice === 'auto' || choice === 'none') return undefined
    return choice === 'required' ? '[' : `[${choice.name}(`
  },

  // A bracket alone may begin text, unless a call has to be made: then the list is the whole answer.
  grammar(tools, choice) {
    const calls = pythonCallsGrammar(tools, { kind: 'python', apostrophes: false })
    const marked = Object.entries(pairs).map(([opening, closing]) => ({ opening, block: { sequence: [{ text: '[' }, calls, { text: closing }] } }))
    const bare = { opening: '[', block: calls }
    return [...marked, choice === 'auto' ? { ...bare, starts: tools.map(({ name }) => `${name}(`) } : { ...bare, isLast: true }]
  },

  stopTokens: ['<|eot|>', '<|eom|>', '<|eot_id|>', '<|eom_id|>', '<|end_of_text|>'],
}
