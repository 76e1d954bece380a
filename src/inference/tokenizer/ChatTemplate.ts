import { Template } from '@huggingface/jinja'
import { LLMError } from '../../errors/index.js'
import type { PromptMessage, ToolSpec } from '../types.js'
import { renderBounded } from './renderBounded.js'

/** Characters of a template's source. The longest that models come with have a twentieth of it. */
const longestSource = 1024 * 1024

/** What a chat template renders. */
export interface TemplateInput {
  messages: readonly PromptMessage[]
  tools?: readonly ToolSpec[]
}

/** A model's Jinja chat template. It may be anyone's: rendering ends, whatever the template does. */
export class ChatTemplate {
  readonly #template: Template
  readonly #namedTokens: Record<string, string>
  /** Whether the template mentions `tools`, so that it can present them itself. */
  readonly knowsTools: boolean

  /**
   * @param source the Jinja source.
   * @param namedTokens `bos_token` and the like, given to the template as variables.
   * @throws LLMError `chat-template-failed` when the source is not valid Jinja.
   */
  constructor(source: string, namedTokens: Record<string, string>) {
    this.#namedTokens = namedTokens
    try {
      if (source.length > longestSource) throw new Error(`it has ${source.length} characters`)
      this.#template = new Template(source)
      this.knowsTools = mentions(this.#template.parsed, 'tools')
    } catch (cause) {
      throw failure('is not valid Jinja', cause)
    }
  }

  /**
   * The prompt text, up to where the assistant's answer begins.
   * @throws LLMError `chat-template-failed` when the template refuses the messages, or does too much.
   */
  render({ messages, tools }: TemplateInput): string {
    try {
      return renderBounded(this.#template.parsed, {
        ...this.#namedTokens,
        messages: messages.map(templateMessage),
        add_generation_prompt: true,
        ...(tools && tools.length > 0 && { tools: tools.map(templateTool) }),
      })
    } catch (cause) {
      throw failure('could not render the messages', cause)
    }
  }
}

function failure(what: string, cause: unknown): LLMError {
  const detail = cause instanceof Error ? cause.message : String(cause)
  return new LLMError({
    code: 'chat-template-failed',
    subject: 'chat_template',
    message: `The model's chat template ${what}: ${detail}. Check the order of roles, or set \`chatTemplate\` on the model.`,
    cause,
  })
}

function templateMessage(message: PromptMessage): Record<string, unknown> {
  if (message.role === 'tool') {
    return { role: 'tool', name: message.name, tool_call_id: message.toolCallId, content: message.content }
  }
  if (message.role === 'assistant' && message.toolCalls && message.toolCalls.length > 0) {
    return {
      role: 'assistant',
      content: message.content,
      tool_calls: message.toolCalls.map((call) => ({
        id: call.id,
        type: 'function',
        function: { name: call.name, arguments: call.input },
      })),
    }
  }
  return { role: message.role, content: message.content }
}

function templateTool(tool: ToolSpec): Record<string, unknown> {
  return {
    type: 'function',
    function: { name: tool.name, description: tool.description, parameters: tool.inputSchema },
  }
}

function mentions(node: unknown, identifier: string): boolean {
  if (typeof node !== 'object' || node === null) return false
  if (node instanceof Map) return [...node].some((entry) => mentions(entry, identifier))
  const { type, value } = node as { type?: unknown; value?: unknown }
  if (type === 'Identifier' && value === identifier) return true
  return Object.values(node).some((child) => mentions(child, identifier))
}
