import type { ReactNode } from 'react'
import type { ToolApproval } from '../chat/PendingCalls.js'
import type { MessagePart, ToolPart, UIMessage } from '../chat/types.js'
import { classNames, rate } from './format.js'
import { withDefaults, type Labels } from './labels.js'
import { ToolCall } from './ToolCall.js'

export interface MessageProps {
  message: UIMessage
  /**
   * Replaces the card of a tool call, where it returns something else than undefined. What `useFunctionCalling`
   * returns under this name shows what the tools' own `render` draws, and the card for all others.
   */
  renderTool?: (part: ToolPart, card: ReactNode) => ReactNode | undefined
  /** Gets the user's answer where a call asks for one. Without it calls show no buttons. */
  onApproval?: (approval: ToolApproval) => void
  /** Draws the text of a part, e.g. as Markdown. Default: as it is, with its line breaks. */
  renderText?: (text: string) => ReactNode
  /** Shows tokens and rate of the message's generation below it. Default false. */
  showMetrics?: boolean
  labels?: Partial<Labels>
  className?: string
}

/** One message: text, reasoning and tool calls, in the order the model wrote them. */
export function Message(props: MessageProps) {
  const { message, renderTool, renderText, onApproval, showMetrics = false, labels, className } = props
  const words = withDefaults(labels)
  const visibleParts = message.parts.filter(isVisible)
  const interrupted = message.metadata?.interrupted
  const metrics = showMetrics ? message.metadata?.metrics : undefined
  const decodeRate = metrics?.decodeTokensPerSecond
  if (visibleParts.length === 0 && !interrupted) return null
  return (
    <article
      className={classNames('edge-llm-message', className)}
      data-role={message.role}
      aria-label={message.role === 'user' ? words.you : words.assistant}
    >
      {visibleParts.map((part, index) => (
        <Part
          key={'toolCallId' in part ? part.toolCallId : index}
          part={part}
          renderTool={renderTool}
          onApproval={onApproval}
          renderText={renderText}
          words={words}
        />
      ))}
      {(interrupted || metrics) && (
        <footer className="edge-llm-message-footer">
          {interrupted && <span data-interrupted={interrupted}>{words.interrupted[interrupted]}</span>}
          {metrics && (
            <span>
              {metrics.completionTokens} tokens
              {decodeRate !== undefined && `, ${rate(decodeRate)} tok/s`}
            </span>
          )}
        </footer>
      )}
    </article>
  )
}

function isVisible(part: MessagePart): boolean {
  return part.type !== 'step-start' && !(part.type === 'text' && part.text.trim() === '')
}

interface PartProps extends Pick<MessageProps, 'renderTool' | 'renderText' | 'onApproval'> {
  part: MessagePart
  words: Labels
}

function Part({ part, renderTool, renderText, onApproval, words }: PartProps) {
  if (part.type === 'text') {
    // Models set line breaks around calls, where the page has its own space.
    const text = part.text.trimStart()
    return (
      <div className={renderText ? 'edge-llm-rich-text' : 'edge-llm-text'} data-state={part.state}>
        {renderText ? renderText(text) : text}
        {part.state === 'streaming' && <span className="edge-llm-caret" aria-hidden="true" />}
      </div>
    )
  }
  if (part.type === 'reasoning') {
    return (
      <details className="edge-llm-details edge-llm-reasoning" data-state={part.state}>
        <summary>{words.reasoning}</summary>
        <p className="edge-llm-text">{part.text}</p>
      </details>
    )
  }
  if (part.type === 'step-start') return null
  const card = <ToolCall part={part} onApproval={onApproval} labels={words} />
  const drawn = renderTool?.(part, card)
  return <>{drawn === undefined ? card : drawn}</>
}
