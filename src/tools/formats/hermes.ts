import { TaggedJSONReader } from '../parser/TaggedJSONReader.js'
import { toSpacedJSON } from '../spacedJSON.js'
import type { GrammarNode } from './grammar.js'
import type { ToolSpec } from '../types.js'
import type { ToolFormat } from './types.js'

const open = '<tool_call>'
const close = '</tool_call>'

/** JSON calls between tags, one block a call. Nous Hermes, Qwen 2.5 and 3, Granite 4. */
export const hermes: ToolFormat = {
  name: 'hermes',
  opening: [open],
  closing: [close],
  createCallReader: (context) => new TaggedJSONReader(context, close),

  systemPrompt(tools, system) {
    if (tools.length === 0) return system ?? ''
    return `${listTools(tools, system)}

To call a function, write its name and arguments as JSON between tags, one block for each call:
${open}
{"name": <function name>, "arguments": <arguments as a JSON object>}
${close}
If no function fits, answer in plain words.`
  },

  renderCalls: (calls) => calls.map((call) => `${open}\n${renderCall(call)}\n${close}`).join('\n'),

  renderResults: (results) => [
    {
      role: 'user',
      content: results.map(({ content }) => `<tool_response>\n${content}\n</tool_response>`).join('\n'),
    },
  ],

  forcedOpening(choice) {
    if (choice === 'auto' || choice === 'none') return undefined
    return `${open}\n${callOpening(choice)}`
  },

  grammar: (tools) => [
    { opening: open, block: { sequence: [{ text: '\n' }, { choice: tools.map(callGrammar) }, { text: `\n${close}` }] } },
  ],

  stopTokens: ['<|im_end|>', '<|endoftext|>'],
}

/** The app's own words, if any, and the tools, one a line. */
export function listTools(tools: readonly ToolSpec[], system: string | undefined): string {
  return `${system ? `${system}\n\n` : ''}# Tools

You can call functions. Each line between <tools> and </tools> describes one as JSON:
<tools>
${tools.map(describeTool).join('\n')}
</tools>`
}

/** A tool in the notation of OpenAI's API, which these models saw in training. */
export function describeTool(tool: { name: string; description: string; inputSchema: unknown }): string {
  const { name, description, inputSchema } = tool
  return toSpacedJSON({ type: 'function', function: { name, description, parameters: inputSchema } })
}

/** A call as JSON. */
export function renderCall({ name, input }: { name: string; input: unknown }): string {
  return `{"name": ${JSON.stringify(name)}, "arguments": ${toSpacedJSON(input)}}`
}

/** A call of a tool, as {@link renderCall} writes it. */
export function callGrammar({ name, inputSchema }: ToolSpec): GrammarNode {
  return { sequence: [{ text: `{"name": ${JSON.stringify(name)}, "arguments": ` }, { json: inputSchema }, { text: '}' }] }
}

/** The beginning of a call of any tool, or of one. Ends before a space, which tokenizers join to what follows. */
export function callOpening(choice: 'required' | { name: string }): string {
  return choice === 'required' ? '{"name":' : `{"name": ${JSON.stringify(choice.name)}, "arguments":`
}
