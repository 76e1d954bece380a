import { ChannelReader } from '../parser/ChannelReader.js'
import { GemmaCallReader } from '../parser/GemmaCallReader.js'
import { SkippedSection } from '../parser/SkippedSection.js'
import { declareTool, gemmaCallGrammar, renderGemmaResult, toGemma } from './gemmaNotation.js'
import type { ToolFormat } from './types.js'

const open = '<|tool_call>'
const close = '<tool_call|>'
const response = '<|tool_response>'
const responseEnd = '<tool_response|>'
const channel = '<|channel>'
const channelEnd = '<channel|>'
const quote = '<|"|>'

/**
 * Calls in Gemma's notation with `<|"|>` around strings, and reasoning in a channel. Google's Gemma 4, after
 * its chat template. Strings are not escaped, so none can hold `<|"|>`.
 */
export const gemma4: ToolFormat = {
  name: 'gemma4',
  opening: [open],
  closing: [close, responseEnd],
  // Behind its calls the model waits for their results; what it makes up in their place is not its answer.
  headers: [channel, response],
  reasoning: { opening: [], closing: [channelEnd] },
  promptTail(generationPrompt) {
    const at = generationPrompt.lastIndexOf(channel)
    return at === -1 ? '' : generationPrompt.slice(at)
  },
  createCallReader(context) {
    if (context.opening === channel) return new ChannelReader(channelEnd)
    if (context.opening === response) return new SkippedSection(responseEnd)
    return new GemmaCallReader(context, close, { quote, lenient: true })
  },

  systemPrompt(tools, system) {
    if (tools.length === 0) return system ?? ''
    return `${system ?? ''}${tools.map((tool) => `<|tool>${declareTool(tool, quote)}<tool|>`).join('')}`
  },

  renderCalls: (calls) =>
    calls.map(({ name, input }) => `${open}call:${name}${toGemma(input, quote)}${close}`).join(''),

  renderResults: (results) => [
    { role: 'user', content: results.map((result) => `${response}${renderGemmaResult(result, quote)}${responseEnd}`).join('') },
  ],

  forcedOpening(choice) {
    if (choice === 'auto' || choice === 'none') return undefined
    return choice === 'required' ? `${open}call:` : `${open}call:${choice.name}{`
  },

  grammar: (tools) => [{ opening: open, block: gemmaCallGrammar(tools, quote, close) }],

  stopTokens: ['<turn|>', response],
}
