import { useRef, useState, type KeyboardEvent, type SyntheticEvent } from 'react'
import { classNames } from './format.js'
import { Icon } from './Icon.js'
import { withDefaults, type Labels } from './labels.js'

export interface ComposerProps {
  /** Gets the trimmed text, never an empty one. */
  onSend: (text: string) => void
  onStop: () => void
  /** True while an answer is under way: the button stops it. */
  isBusy: boolean
  disabled?: boolean
  labels?: Partial<Labels>
  className?: string
}

/** The text box and its button. Enter sends, Shift+Enter breaks the line. */
export function Composer({ onSend, onStop, isBusy, disabled = false, labels, className }: ComposerProps) {
  const words = withDefaults(labels)
  const [text, setText] = useState('')
  const box = useRef<HTMLTextAreaElement>(null)
  const canSend = !disabled && !isBusy && text.trim() !== ''

  const send = () => {
    if (!canSend) return
    onSend(text.trim())
    setText('')
  }
  const onSubmit = (event: SyntheticEvent) => {
    event.preventDefault()
    send()
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    send()
  }
  const stop = () => {
    onStop()
    // The button under the pointer goes away with the turn: keep the keyboard user's place.
    box.current?.focus()
  }

  return (
    <form className={classNames('edge-llm-composer', className)} onSubmit={onSubmit}>
      {/* The twin behind the box holds the same text and so gives it its height. */}
      <div className="edge-llm-composer-box" data-text={`${text} `}>
        <textarea
          ref={box}
          className="edge-llm-input"
          rows={1}
          value={text}
          aria-label={words.message}
          placeholder={words.placeholder}
          disabled={disabled}
          enterKeyHint="send"
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
        />
      </div>
      {isBusy ? (
        <button key="stop" type="button" className="edge-llm-round-button" aria-label={words.stop} onClick={stop}>
          <Icon name="stop" />
        </button>
      ) : (
        <button
          key="send"
          type="submit"
          className="edge-llm-round-button"
          aria-label={words.send}
          aria-disabled={!canSend}
        >
          <Icon name="send" />
        </button>
      )}
    </form>
  )
}
