import { PythonCallsReader } from '../parser/PythonCallsReader.js'
import { pythonCallsGrammar, renderPythonCall } from './pythonCall.js'
import type { ToolFormat } from './types.js'

const open = '<|tool_call_start|>'
const close = '<|tool_call_end|>'

/**
 * The variant of `pythonic` between markers. Liquid AI's LFM2 and LFM2.5. Calls in JSON, which these models
 * write when they are asked to, are read as well.
 */
export const lfm2: ToolFormat = {
  name: 'pythonic',
  opening: [open],
  closing: [close],
  createCallReader: (context) => new PythonCallsReader(context, close),

  systemPrompt(tools, system) {
    if (tools.length === 0) return system ?? ''
    const listed = tools.map(({ name, description, inputSchema }) => JSON.stringify({ name, description, parameters: inputSchema }))
    return `${system ? `${system}\n` : ''}List of tools: <|tool_list_start|>[${listed.join(', ')}]<|tool_list_end|>`
  },

  renderCalls: (calls) => `${open}[${calls.map(renderPythonCall).join(', ')}]${close}`,

  renderResults: (results) =>
    results.map(({ content }) => ({ role: 'tool', content: `<|tool_response_start|>${content}<|tool_response_end|>` })),

  forcedOpening(choice) {
    if (choice === 'auto' || choice === 'none') return undefined
    return choice === 'required' ? `${open}[` : `${open}[${choice.name}(`
  },

  // LFM2 writes double quotes, LFM2.5 single ones and no escapes.
  grammar: (tools) => [
    { opening: open, block: { sequence: [{ text: '[' }, pythonCallsGrammar(tools, { kind: 'python', apostrophes: true }), { text: close }] } },
  ],

  stopTokens: ['<|im_end|>', '<|endoftext|>'],
}
