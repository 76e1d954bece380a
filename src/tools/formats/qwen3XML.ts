import { XMLCallReader } from '../parser/XMLCallReader.js'
import { toSpacedJSON } from '../spacedJSON.js'
import { hermes, listTools } from './hermes.js'
import type { GrammarNode } from './grammar.js'
import type { ToolSpec } from '../types.js'
import type { ToolFormat } from './types.js'

const open = '<tool_call>'
const close = '</tool_call>'
const functionOpen = '<function='
const functionClose = '</function>'

/**
 * Calls as tags around names and plain values: Qwen3-Coder, Qwen3.5 and later, Nemotron 3, after their chat
 * templates. A value's type is its schema's. Strings have to end before a `</parameter>` that another
 * parameter or the function's end follows.
 */
export const qwen3XML: ToolFormat = {
  ...hermes,
  name: 'qwen3-xml',
  // Models forget the outer tag.
  opening: [open, functionOpen],
  closing: [close, functionClose],
  createCallReader: (context) => new XMLCallReader(context),

  systemPrompt(tools, system) {
    if (tools.length === 0) return system ?? ''
    return `${listTools(tools, system)}

To call a function, write nothing behind it and keep to this form, one block for each call:
${open}
<function=function_name>
<parameter=parameter_name>
its value, which can have several lines; lists and objects as JSON
</parameter>
</function>
${close}
If no function fits, answer in plain words.`
  },

  grammar(tools) {
    const call: GrammarNode = { choice: tools.map(callGrammar) }
    return [
      { opening: open, block: { sequence: [{ text: `\n${functionOpen}` }, call, { text: `\n${close}` }] } },
      { opening: functionOpen, block: call },
    ]
  },

  renderCalls: (calls) => calls.map(renderCall).join('\n'),

  forcedOpening(choice) {
    if (choice === 'auto' || choice === 'none') return undefined
    return choice === 'required' ? `${open}\n${functionOpen}` : `${open}\n${functionOpen}${choice.name}>`
  },
}

/** A call of a tool, as {@link renderCall} writes it, from the name to the function's end. */
function callGrammar({ name, inputSchema }: ToolSpec): GrammarNode {
  return { sequence: [{ text: `${name}>\n` }, { xml: inputSchema }, { text: functionClose }] }
}

function renderCall({ name, input }: { name: string; input: unknown }): string {
  const parameters = Object.entries(input ?? {}).filter(([, value]) => value !== undefined)
  return `${open}\n${functionOpen}${name}>\n${parameters.map(renderParameter).join('')}${functionClose}\n${close}`
}

function renderParameter([key, value]: [string, unknown]): string {
  return `<parameter=${key}>\n${typeof value === 'string' ? value : toSpacedJSON(value)}\n</parameter>\n`
}
