import type { ReactNode } from 'react'
import type { ToolApproval } from '../chat/PendingCalls.js'
import type { ChatStatus, UIMessage } from '../chat/types.js'
import { Composer } from './Composer.js'
import { ErrorBanner } from './ErrorBanner.js'
import { classNames } from './format.js'
import { Icon } from './Icon.js'
import { withDefaults, type Labels } from './labels.js'
import { Message, type MessageProps } from './Message.js'
import { quietly } from './quietly.js'
import { useStickToBottom } from './useStickToBottom.js'

/** What `useFunctionCalling` returns, and how to show it: `<Chat {...useFunctionCalling({ tools })} />`. */
export interface ChatProps extends Pick<MessageProps, 'renderTool' | 'renderText' | 'showMetrics'> {
  messages: readonly UIMessage[]
  status: ChatStatus
  error?: Error | undefined
  sendMessage: (message: { text: string }) => unknown
  stop: () => void
  /** Answers the last user message anew; offered as the retry of a failed turn. */
  regenerate?: () => unknown
  clearError?: () => void
  /** Answers calls that ask for permission; without it they show no buttons. */
  addToolApproval?: (approval: ToolApproval) => void
  /** Shown as chips while the conversation is empty; a press sends one. */
  suggestions?: readonly string[]
  /** In place of the dots while the first word is awaited, e.g. the download's progress. */
  pending?: ReactNode
  /** Replaces the words of the empty conversation. Suggestions stay below it. */
  empty?: ReactNode
  /** Above the messages. */
  header?: ReactNode
  /** Below the text box. */
  footer?: ReactNode
  disabled?: boolean
  labels?: Partial<Labels>
  className?: string
}

/** A whole conversation: messages as they stream, text box, stop button, errors with a retry. */
export function Chat(props: ChatProps) {
  const { messages, status, error, sendMessage, stop, regenerate, clearError, suggestions, disabled, addToolApproval } = props
  const words = withDefaults(props.labels)
  const { scrollerRef, contentRef, isAtEnd, scrollToEnd } = useStickToBottom(messages.length === 0)
  const isAnswering = status === 'submitted' || status === 'streaming'
  const isBusy = isAnswering || status === 'awaiting-approval'
  const isWaiting = isAnswering && !isVisiblyAtWork(messages.at(-1))

  const send = (text: string) => {
    scrollToEnd()
    quietly(() => sendMessage({ text }))
  }

  return (
    <section className={classNames('edge-llm edge-llm-chat', props.className)} data-status={status}>
      {props.header && <header className="edge-llm-chat-header">{props.header}</header>}
      <div className="edge-llm-chat-main">
        <div
          ref={scrollerRef}
          className="edge-llm-scroller"
          role="log"
          aria-label={words.conversation}
          aria-busy={isBusy}
          tabIndex={0}
        >
          <div ref={contentRef} className="edge-llm-messages">
            {messages.length === 0 && !isBusy && (
              <div className="edge-llm-empty">
                {props.empty ?? (
                  <>
                    <p className="edge-llm-empty-title">{words.emptyTitle}</p>
                    <p className="edge-llm-muted">{words.emptyText}</p>
                  </>
                )}
                {suggestions && suggestions.length > 0 && (
                  <ul className="edge-llm-suggestions" aria-label={words.suggestions}>
                    {suggestions.map((suggestion) => (
                      <li key={suggestion}>
                        <button
                          type="button"
                          className="edge-llm-chip"
                          disabled={disabled}
                          onClick={() => send(suggestion)}
                        >
                          {suggestion}
                        </button>
                      </li>
                    ))}
                  </ul>
                )}
              </div>
            )}
            {messages.map((message) => (
              <Message
                key={message.id}
                message={message}
                renderTool={props.renderTool}
                onApproval={addToolApproval && ((approval) => quietly(() => addToolApproval(approval)))}
                renderText={props.renderText}
                showMetrics={props.showMetrics}
                labels={words}
              />
            ))}
            {isWaiting && (props.pending ?? <Dots />)}
          </div>
        </div>
        {!isAtEnd && (
          <button type="button" className="edge-llm-jump" onClick={scrollToEnd}>
            <Icon name="down" />
            {words.jumpToLatest}
          </button>
        )}
      </div>
      <span className="edge-llm-visually-hidden" role="status">
        {words.chatStatus[status]}
      </span>
      {error && (
        <ErrorBanner
          error={error}
          onRetry={regenerate && (() => quietly(regenerate))}
          onDismiss={clearError}
          labels={words}
        />
      )}
      <Composer onSend={send} onStop={stop} isBusy={isBusy} disabled={disabled} labels={words} />
      {props.footer && <footer className="edge-llm-chat-footer">{props.footer}</footer>}
    </section>
  )
}

/** Whether the message itself shows that something is going on: text that grows, a call that runs. */
function isVisiblyAtWork(message: UIMessage | undefined): boolean {
  const part = message?.role === 'assistant' ? message.parts.at(-1) : undefined
  if (!part || part.type === 'step-start') return false
  if (part.type === 'text') return part.state === 'streaming' && part.text !== ''
  return atWork.has(part.state)
}

const atWork = new Set(['streaming', 'input-streaming', 'input-available', 'approval-requested', 'approval-responded'])

function Dots() {
  return (
    <div className="edge-llm-dots" aria-hidden="true">
      <span />
      <span />
      <span />
    </div>
  )
}
