import { XMLCallReader } from '../parser/XMLCallReader.js'
import { toSpacedJSON } from '../spacedJSON.js'
import { hermes, listTools } from './hermes.js'
import type { ToolFormat } from './types.js'

const open = '<tool_call>'
const close = '</tool_call>'

/**
 * Calls as tags around names and plain values: Qwen3-Coder, Qwen3.5 and later, Nemotron 3, after their chat
 * templates. A value's type is its schema's. Strings have to end before a `</parameter>` that another
 * parameter or the function's end follows.
 */
export const qwen3XML: ToolFormat = {
  ...hermes,
  name: 'qwen3-xml',
  // Models forget the outer tag.
  opening: [open, '<function='],
  closing: [close, '</function>'],
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

  // What hermes writes between its tags is JSON.
  grammar: undefined,

  renderCalls: (calls) => calls.map(renderCall).join('\n'),

  forcedOpening(choice) {
    if (choice === 'auto' || choice === 'none') return undefined
    return choice === 'required' ? `${open}\n<function=` : `${open}\n<function=${choice.name}>`
  },
}

function renderCall({ name, input }: { name: string; input: unknown }): string {
  const parameters = Object.entries(input ?? {}).filter(([, value]) => value !== undefined)
  return `${open}\n<function=${name}>\n${parameters.map(renderParameter).join('')}</function>\n${close}`
}

function renderParameter([key, value]: [string, unknown]): string {
  return `<parameter=${key}>\n${typeof value === 'string' ? value : toSpacedJSON(value)}\n</parameter>\n`
}
