import { useRef, type ReactNode } from 'react'
import type { ToolApproval } from '../chat/PendingCalls.js'
import type { ToolPart } from '../chat/types.js'
import { ApprovalQuestion } from './ApprovalQuestion.js'
import { classNames, entriesOf, valueText } from './format.js'
import { Icon } from './Icon.js'
import { withDefaults, type Labels } from './labels.js'

export interface ToolCallProps {
  /** The tool part of a message. */
  part: ToolPart
  /** Gets the user's answer where the call asks for one: `addToolApproval` fits. Without it no buttons are shown. */
  onApproval?: (approval: ToolApproval) => void
  /** Shown below the call: buttons, a picture of the effect. */
  children?: ReactNode
  labels?: Partial<Labels>
  className?: string
}

const icons = {
  'input-streaming': 'tool',
  'input-available': 'spinner',
  'output-available': 'check',
  'output-error': 'cross',
  'approval-requested': 'alert',
  'approval-responded': 'spinner',
  'output-denied': 'cross',
} as const

/** A call of one of the app's functions: name, arguments as they arrive, question whether it may run, result or error. */
export function ToolCall({ part, onApproval, children, labels, className }: ToolCallProps) {
  const words = withDefaults(labels)
  const card = useRef<HTMLElement>(null)
  const awaitsResult = 'awaitsResult' in part && part.awaitsResult === true
  const state = awaitsResult ? words.awaitsResult : words.toolState[part.state]
  const raw = 'rawInput' in part ? part.rawInput : undefined
  const answer = (approved: boolean) => {
    // The buttons go away with the question: keep the keyboard user's place.
    card.current?.focus()
    onApproval?.({ toolCallId: part.toolCallId, approved })
  }
  return (
    <section
      ref={card}
      tabIndex={-1}
      className={classNames('edge-llm-tool', className)}
      data-state={part.state}
      aria-label={`${part.toolName}: ${state}`}
    >
      <header className="edge-llm-tool-header">
        <Icon name={icons[part.state]} />
        <code className="edge-llm-tool-name">{part.toolName}</code>
        <span className="edge-llm-tool-state">{state}</span>
      </header>
      <ToolArguments part={part} words={words} />
      {part.state === 'approval-requested' && onApproval && (
        <ApprovalQuestion part={part} onAnswer={answer} words={words} />
      )}
      {part.state === 'output-denied' && part.approval.reason && (
        <p className="edge-llm-muted">{part.approval.reason}</p>
      )}
      {part.state === 'output-available' && part.output !== undefined && (
        <div className="edge-llm-tool-section">
          <span className="edge-llm-label">{words.result}</span>
          <Value value={part.output} />
        </div>
      )}
      {part.state === 'output-error' && (
        <>
          <p className="edge-llm-tool-error">{part.errorText}</p>
          {raw !== undefined && raw !== '' && (
            <details className="edge-llm-details">
              <summary>{words.rawOutput}</summary>
              <pre>{raw}</pre>
            </details>
          )}
        </>
      )}
      {children}
    </section>
  )
}

function ToolArguments({ part, words }: { part: ToolPart; words: Labels }) {
  const isStreaming = part.state === 'input-streaming'
  const input = isStreaming ? part.partialInput : part.input
  const hasInput = input !== undefined && input !== null
  if (!hasInput && !isStreaming) return null
  if (!hasInput && 'rawInput' in part) {
    return (
      <pre className="edge-llm-tool-raw">
        {part.rawInput}
        <span className="edge-llm-caret" aria-hidden="true" />
      </pre>
    )
  }
  return (
    <div className="edge-llm-tool-section">
      <span className="edge-llm-label">{words.arguments}</span>
      <Value value={input} empty={isStreaming ? '…' : words.noArguments} />
    </div>
  )
}

function Value({ value, empty = '{}' }: { value: unknown; empty?: string }) {
  const entries = entriesOf(value)
  if (!entries) return <pre className="edge-llm-tool-value">{valueText(value)}</pre>
  if (entries.length === 0) return <p className="edge-llm-muted">{empty}</p>
  return (
    <dl className="edge-llm-tool-values">
      {entries.map(([key, entry]) => (
        <div key={key}>
          <dt>{key}</dt>
          <dd>{valueText(entry)}</dd>
        </div>
      ))}
    </dl>
  )
}
