import { useId } from 'react'
import type { ToolPart } from '../chat/types.js'
import type { Doubt } from '../tools/doubts/types.js'
import { Icon } from './Icon.js'
import type { Labels } from './labels.js'

interface ApprovalQuestionProps {
  part: Extract<ToolPart, { state: 'approval-requested' }>
  onAnswer: (approved: boolean) => void
  words: Labels
}

/** Asks whether a call may run, says why it is asked, and offers the two answers. */
export function ApprovalQuestion({ part, onAnswer, words }: ApprovalQuestionProps) {
  const id = useId()
  const reasons = [
    ...part.approval.because.map((reason) => words.approvalReason[reason]),
    ...(part.doubts ?? []).map((doubt) => words.doubt[doubt.kind](nameOf(doubt))),
  ].filter((reason) => reason !== '')
  return (
    <div className="edge-llm-approval" role="group" aria-labelledby={id}>
      <p id={id} className="edge-llm-approval-question">
        {words.approvalQuestion(part.toolName)}
      </p>
      {reasons.length > 0 && (
        <ul className="edge-llm-approval-reasons">
          {reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      )}
      <div className="edge-llm-actions">
        <button type="button" className="edge-llm-button" aria-describedby={id} onClick={() => onAnswer(true)}>
          <Icon name="check" />
          {words.allow}
        </button>
        <button type="button" className="edge-llm-button" aria-describedby={id} onClick={() => onAnswer(false)}>
          <Icon name="cross" />
          {words.deny}
        </button>
      </div>
    </div>
  )
}

/** `/items/0/name` → `items 0 name`. */
function nameOf({ path }: Doubt): string | undefined {
  if (path === '') return undefined
  const keys = path.slice(1).split('/')
  return keys.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~')).join(' ')
}
