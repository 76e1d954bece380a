import type { PromptMessage } from '../inference/types.js'
import { isToolPart } from './isToolPart.js'
import { textOf } from './textOf.js'
import { DEFAULT_RESULT_CHARS, toErrorContent, toResultContent } from './toResultContent.js'
import type { ConversationOptions, MessagePart, ToolPart, UIMessage } from './types.js'

/**
 * A conversation as the model gets it. Results and errors of calls are JSON text; reasoning and
 * calls that were never complete are left out. User messages without an answer between them are
 * joined, since many chat templates insist on alternating roles.
 */
export function toPrompt(
  messages: readonly UIMessage[],
  { system, maxToolResultChars = DEFAULT_RESULT_CHARS }: Pick<ConversationOptions, 'system' | 'maxToolResultChars'> = {},
): PromptMessage[] {
  const prompt: PromptMessage[] = system?.trim() ? [{ role: 'system', content: system }] : []
  for (const message of messages) {
    if (message.role === 'assistant') {
      prompt.push(...fromAssistant(message, maxToolResultChars))
      continue
    }
    const content = textOf(message.parts)
    const last = prompt.at(-1)
    if (last?.role === 'user') prompt[prompt.length - 1] = { role: 'user', content: `${last.content}\n\n${content}` }
    else prompt.push({ role: 'user', content })
  }
  return prompt
}

function fromAssistant({ parts }: UIMessage, limit: number): PromptMessage[] {
  const messages = steps(parts).flatMap((step) => fromStep(step, limit))
  return messages.length > 0 ? messages : [{ role: 'assistant', content: '' }]
}

function steps(parts: readonly MessagePart[]): MessagePart[][] {
  const steps: MessagePart[][] = [[]]
  for (const part of parts) {
    if (part.type === 'step-start') steps.push([])
    else steps.at(-1)?.push(part)
  }
  return steps
}

function fromStep(parts: MessagePart[], limit: number): PromptMessage[] {
  const tools = parts.filter(isToolPart).filter((part) => wasCalled(part) || wasDamaged(part))
  const toolCalls = tools.filter(wasCalled).map(({ toolCallId, toolName, input }) => ({ id: toolCallId, name: toolName, input }))
  const damaged = tools.filter(wasDamaged).map((part) => part.rawInput)
  const text = textOf(parts) + damaged.join('\n')
  // The template puts its own line break before a call.
  const content = toolCalls.length > 0 ? text.trimEnd() : text
  if (content === '' && tools.length === 0) return []
  return [
    { role: 'assistant', content, ...(toolCalls.length > 0 ? { toolCalls } : {}) },
    ...tools.map((part): PromptMessage => ({
      role: 'tool',
      toolCallId: part.toolCallId,
      name: part.toolName,
      content: part.state === 'output-available' ? toResultContent(part.output, limit) : toErrorContent(errorOf(part), limit),
    })),
  ]
}

function wasCalled(part: ToolPart): boolean {
  return part.state !== 'input-streaming' && part.input !== null
}

function wasDamaged(part: ToolPart): part is Extract<ToolPart, { state: 'output-error' }> {
  return part.state === 'output-error' && part.input === null && part.rawInput !== undefined
}

/** A call without an end can only come from a history that was saved in the middle of a turn. */
function errorOf(part: ToolPart): string {
  if (part.state === 'output-error') return part.errorText
  if (part.state !== 'output-denied') return 'interrupted'
  const { reason } = part.approval
  return `Not run: the user did not allow it${reason ? ` (${reason})` : ''}.`
}
