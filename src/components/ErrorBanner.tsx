import { isLLMError } from '../errors/index.js'
import { classNames } from './format.js'
import { Icon } from './Icon.js'
import { withDefaults, type Labels } from './labels.js'

export interface ErrorBannerProps {
  /** What went wrong. The message of an `LLMError` says what to do; its code is shown beside it. */
  error: Error
  /** Offered where trying again can help: an `LLMError` that is `recoverable`, or any other error. */
  onRetry?: () => void
  onDismiss?: () => void
  labels?: Partial<Labels>
  className?: string
}

/** An error with what to do about it, announced to screen readers at once. */
export function ErrorBanner({ error, onRetry, onDismiss, labels, className }: ErrorBannerProps) {
  const words = withDefaults(labels)
  const known = isLLMError(error) ? error : undefined
  const canRetry = onRetry !== undefined && (known?.recoverable ?? true)
  return (
    <div className={classNames('edge-llm-error', className)} role="alert">
      <Icon name="alert" />
      <div className="edge-llm-error-body">
        <p className="edge-llm-error-message">{error.message}</p>
        {known && (
          <p className="edge-llm-error-code">
            <code>{known.code}</code>
            {known.subject !== undefined && <span>{known.subject}</span>}
          </p>
        )}
        {(canRetry || onDismiss) && (
          <div className="edge-llm-actions">
            {canRetry && (
              <button type="button" className="edge-llm-button" onClick={onRetry}>
                <Icon name="retry" />
                {words.retry}
              </button>
            )}
            {onDismiss && (
              <button type="button" className="edge-llm-button edge-llm-button-quiet" onClick={onDismiss}>
                {words.dismiss}
              </button>
            )}
          </div>
        )}
      </div>
    </div>
  )
}
