import { useEffect } from 'react'
import { createRoot } from 'react-dom/client'
import {
  isToolPart,
  LLMProvider,
  useFunctionCalling,
  useLLM,
  type FunctionCallingOptions,
  type LLMConfig,
  type ToolPart,
  type UseFunctionCallingResult,
  type UseLLMResult,
} from 'react-edge-llm'

interface View {
  chat: UseFunctionCallingResult
  model: UseLLMResult
}

/** An app that a case plays the user of: one provider, and in it one chat at a time. */
export class ChatDriver {
  readonly #config: LLMConfig
  readonly #root = createRoot(document.getElementById('root') as HTMLElement)
  #view: View | undefined
  #key = 0

  constructor(config: LLMConfig) {
    this.#config = config
  }

  get chat(): UseFunctionCallingResult {
    if (this.#view === undefined) throw new Error('no chat is open')
    return this.#view.chat
  }

  get model(): UseLLMResult {
    if (this.#view === undefined) throw new Error('no chat is open')
    return this.#view.model
  }

  /** The last message's calls. */
  get calls(): ToolPart[] {
    return this.chat.messages.at(-1)?.parts.filter(isToolPart) ?? []
  }

  /** The last message's texts. */
  get text(): string {
    return this.chat.messages.at(-1)?.parts.map((part) => (part.type === 'text' ? part.text : '')).join('') ?? ''
  }

  /** Opens a new chat in place of the one there is. The model stays loaded. */
  async open(options: FunctionCallingOptions): Promise<void> {
    this.#view = undefined
    this.#key++
    this.#root.render(
      <LLMProvider config={this.#config}>
        <Chat
          key={this.#key}
          options={options}
          onView={(view) => {
            this.#view = view
          }}
        />
      </LLMProvider>,
    )
    await this.until(() => this.#view !== undefined, 'a chat')
  }

  /** Resolves as soon as `holds`. */
  async until(holds: () => boolean, what: string, timeoutMs = 120_000): Promise<void> {
    const deadline = performance.now() + timeoutMs
    while (!holds()) {
      if (performance.now() > deadline) {
        throw new Error(`waited ${timeoutMs / 1000} s for ${what}; the chat: ${JSON.stringify(this.#view?.chat.messages)}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
}

function Chat({ options, onView }: { options: FunctionCallingOptions; onView: (view: View) => void }) {
  const chat = useFunctionCalling(options)
  const model = useLLM()
  const { messages, status } = chat
  const { status: modelStatus } = model
  useEffect(() => onView({ chat, model }), [onView, chat, model, messages, status, modelStatus])
  return null
}
