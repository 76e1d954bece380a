import type { ToolFormat } from '../../tools/index.js'
import type { PromptMessage, ToolSpec } from '../types.js'

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
  const folded: PromptMessage[] = []
  let results: Extract<PromptMessage, { role: 'tool' }>[] = []
  const flushResults = () => {
    if (results.length > 0) folded.push(...format.renderResults(results).map(asPromptMessage))
    results = []
  }
  for (const message of messages) {
    if (message.role === 'tool') {
      results.push(message)
      continue
    }
    flushResults()
    folded.push(message.role === 'assistant' ? callsAsText(message, format) : message)
  }
  flushResults()
  return tools.length > 0 ? withSystemPrompt(folded, tools, format) : folded
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
