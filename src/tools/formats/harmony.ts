import { HarmonyReader } from '../parser/HarmonyReader.js'
import { describeFunctions } from './harmonyTypes.js'
import type { CallGrammar, GrammarNode } from './grammar.js'
import type { ToolSpec } from '../types.js'
import type { ToolFormat } from './types.js'

const startOfAnswer = '<|start|>assistant'
const channelFirst = '<|channel|>commentary to='
const recipientFirst = `${startOfAnswer} to=`
const functions = 'functions.'
const open = `${channelFirst}${functions}`
const toArguments = ' <|constrain|>json<|message|>'
const close = '<|call|>'

/**
 * Messages with channels, after OpenAI's documentation of the harmony response format. gpt-oss.
 *
 * `analysis` is reasoning; `final` and a `commentary` to nobody are text. A message to a function is a call,
 * in whichever channel, with the recipient before or behind the channel's name. The model stops behind a call,
 * so several in one answer are rare, but read.
 */
export const harmony: ToolFormat = {
  name: 'harmony',
  opening: [open],
  closing: ['<|message|>', '<|constrain|>'],
  headers: ['<|start|>', '<|channel|>', '<|end|>', '<|return|>', close],
  opensInHeader(header) {
    if (header === recipientFirst) return recipientFirst
    return /^(<\|start\|>assistant)?<\|channel\|>\s?\w* to=$/.test(header) ? channelFirst : undefined
  },
  reasoning: { opening: [], closing: [], interruptible: true },
  promptTail(generationPrompt) {
    const at = generationPrompt.lastIndexOf('<|start|>')
    if (at !== -1) return generationPrompt.slice(at)
    return generationPrompt === '' ? startOfAnswer : ''
  },
  createCallReader: (context) => new HarmonyReader(context),

  systemPrompt(tools, system) {
    if (tools.length === 0) return system ?? ''
    return `${system ? `# Instructions\n\n${system}\n\n` : ''}${describeFunctions(tools)}

# Valid channels: analysis, commentary, final. Channel must be included for every message.
Calls to these tools must go to the commentary channel: 'functions'.`
  },

  renderCalls: (calls) =>
    calls.map(({ name, input }) => `${open}${name}${toArguments}${JSON.stringify(input)}${close}`).join(startOfAnswer),

  renderResults: (results) => [
    { role: 'user', content: results.map(({ name, content }) => `Result of functions.${name}:\n${content}`).join('\n\n') },
  ],

  forcedOpening(choice) {
    if (choice === 'auto' || choice === 'none') return undefined
    return choice === 'required' ? open : `${open}${choice.name}${toArguments}`
  },

  // The token that ends a call ends the answer.
  grammar: (tools) => [
    callGrammar(tools, channelFirst, toArguments),
    callGrammar(tools, recipientFirst, `<|channel|>commentary${toArguments}`),
  ],

  stopTokens: ['<|return|>', close, '<|endoftext|>'],
}

/** @param header what stands between the tool's name and its arguments */
function callGrammar(tools: readonly ToolSpec[], opening: string, header: string): CallGrammar {
  const calls = tools.map(({ name, inputSchema }): GrammarNode => ({
    sequence: [{ text: `${name}${header}` }, { json: inputSchema, compact: true }],
  }))
  return { opening, block: { sequence: [{ text: functions }, { choice: calls }] }, isLast: true }
}
