import { NamedCallReader } from '../parser/NamedCallReader.js'
import { toSpacedJSON } from '../spacedJSON.js'
import { callGrammar, callOpening, describeTool, renderCall } from './hermes.js'
import type { ToolFormat } from './types.js'

const marker = '[TOOL_CALLS]'
const markers = { opening: [marker], closing: [] }

/**
 * `[TOOL_CALLS]name[ARGS]{…}`, a marker each: Mistral's models since tokenizer version 11 (Mistral Small 3.2,
 * Devstral, Magistral, Ministral 3), some with `[CALL_ID]` and an id in between. Earlier ones write
 * `[TOOL_CALLS] [{"name": …, "arguments": …}]`. Both are read; which one is written, the template tells.
 * After the mistral-common tokenizers and the models' chat templates.
 */
export const mistral: ToolFormat = {
  name: 'mistral',
  opening: markers.opening,
  closing: markers.closing,
  reasoning: { opening: ['[THINK]', '<think>'], closing: ['[/THINK]', '</think>'] },
  createCallReader: (context) => new NamedCallReader(context, markers),

  variant({ chatTemplate = '', specialTokens }) {
    const clue = chatTemplate.includes(marker) ? chatTemplate : specialTokens?.join(' ')
    return clue === undefined || clue.includes('[ARGS]') ? mistral : mistralList
  },

  systemPrompt: (tools, system) => systemPrompt(tools, system, `${marker}function_name[ARGS]{"argument": "value"}`),

  renderCalls: (calls) => calls.map(({ name, input }) => `${marker}${name}[ARGS]${toSpacedJSON(input)}`).join(''),

  renderResults: (results) => [
    { role: 'user', content: results.map(({ content }) => `[TOOL_RESULTS]${content}[/TOOL_RESULTS]`).join('') },
  ],

  forcedOpening(choice) {
    if (choice === 'auto' || choice === 'none') return undefined
    return choice === 'required' ? marker : `${marker}${choice.name}[ARGS]`
  },

  grammar: (tools) => [
    {
      opening: marker,
      block: { choice: tools.map(({ name, inputSchema }) => ({ sequence: [{ text: `${name}[ARGS]` }, { json: inputSchema }] })) },
    },
  ],

  stopTokens: ['</s>'],
}

/** The earlier generation: Mistral 7B 0.3, Nemo, Ministral 8B, Mistral Small up to 3.1. */
const mistralList: ToolFormat = {
  ...mistral,

  systemPrompt: (tools, system) =>
    systemPrompt(tools, system, `${marker} [{"name": "function_name", "arguments": {"argument": "value"}}]`),

  renderCalls: (calls) => `${marker} [${calls.map(renderCall).join(', ')}]`,

  forcedOpening(choice) {
    return choice === 'auto' || choice === 'none' ? undefined : `${marker} [${callOpening(choice)}`
  },

  grammar: (tools) => [
    { opening: marker, block: { sequence: [{ text: ' [' }, { list: { choice: tools.map(callGrammar) }, separator: ', ' }, { text: ']' }] } },
  ],
}

function systemPrompt(tools: Parameters<ToolFormat['systemPrompt']>[0], system: string | undefined, example: string): string {
  if (tools.length === 0) return system ?? ''
  return `${system ? `${system}\n\n` : ''}You can call these functions:
[AVAILABLE_TOOLS][${tools.map(describeTool).join(', ')}][/AVAILABLE_TOOLS]

To call a function, write nothing but:
${example}
If no function fits, answer in plain words.`
}
