import type { ToolFormat } from '../../tools/index.js'
import type { PromptMessage, ToolSpec } from '../types.js'
import type { TemplateProbe } from './probeTemplate.js'

/**
 * Writes tools, calls and results into plain messages, for chat templates that know only text:
 * tools into the system message, calls into the assistant's content, the results of one step
 * into the format's result messages.
 */
export function foldToolsIntoText(
  messages: readonly PromptMessage[],
  tools: readonly ToolSpec[],
  format: ToolFormat | undefined,
): PromptMessage[] {
  if (format === undefined) return messages.map(withoutCalls)
  const folded = fold(messages, format, { calls: true, results: true })
  return tools.length > 0 ? withSystemPrompt(folded, tools, format) : folded
}

/**
 * The same for what a chat template that presents tools itself leaves out of a conversation: LFM2's, for one,
 * lists tools and shows results, but drops the calls that the results answer.
 */
export function foldLostCalls(
  messages: readonly PromptMessage[],
  format: ToolFormat | undefined,
  { writesCalls, writesResults }: Pick<TemplateProbe, 'writesCalls' | 'writesResults'>,
): PromptMessage[] {
  if (format === undefined || (writesCalls && writesResults)) return [...messages]
  return fold(messages, format, { calls: !writesCalls, results: !writesResults })
}

function fold(
  messages: readonly PromptMessage[],
  format: ToolFormat,
  { calls, results }: { calls: boolean; results: boolean },
): PromptMessage[] {
  const folded: PromptMessage[] = []
  let step: Extract<PromptMessage, { role: 'tool' }>[] = []
  const flushResults = () => {
    if (step.length > 0) folded.push(...format.renderResults(step).map(asPromptMessage))
    step = []
  }
  for (const message of messages) {
    if (message.role === 'tool' && results) {
      step.push(message)
      continue
    }
    flushResults()
    folded.push(message.role === 'assistant' && calls ? callsAsText(message, format) : message)
  }
  flushResults()
  return folded
}

function withSystemPrompt(messages: PromptMessage[], tools: readonly ToolSpec[], format: ToolFormat): PromptMessage[] {
  const [first, ...rest] = messages
  return first?.role === 'system'
    ? [{ role: 'system', content: format.systemPrompt(tools, first.content) }, ...rest]
    : [{ role: 'system', content: format.systemPrompt(tools) }, ...messages]
}

function callsAsText(message: Extract<PromptMessage, { role: 'assistant' }>, format: ToolFormat): PromptMessage {
  if (!message.toolCalls || message.toolCalls.length === 0) return message
  const calls = format.renderCalls(message.toolCalls)
  return { role: 'assistant', content: message.content === '' ? calls : `${message.content}\n${calls}` }
}

function asPromptMessage(message: { role: 'user' | 'tool'; content: string }): PromptMessage {
  return message.role === 'user'
    ? { role: 'user', content: message.content }
    : { role: 'tool', toolCallId: '', name: '', content: message.content }
}

/** Without a format there are no calls to write; a result is still worth reading. */
function withoutCalls(message: PromptMessage): PromptMessage {
  return message.role === 'tool' ? { role: 'user', content: message.content } : message
}
