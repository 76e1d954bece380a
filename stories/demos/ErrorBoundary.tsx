import { ErrorBanner } from 'react-edge-llm/components'
import { Component, type ReactNode } from 'react'

/** Shows what was thrown while rendering: a provider whose config can never work. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: Error | undefined }> {
  override state: { error: Error | undefined } = { error: undefined }

  static getDerivedStateFromError(error: Error) {
    return { error }
  }

  override render() {
    const { error } = this.state
    return error ? (
      <div className="edge-llm">
        <ErrorBanner error={error} />
      </div>
    ) : (
      this.props.children
    )
  }
}
