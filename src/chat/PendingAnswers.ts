/** Calls that wait for an answer from outside the turn, each by its id. */
export class PendingAnswers<Answer extends { toolCallId: string }> {
  readonly #waiting = new Map<string, (answer: Answer) => void>()

  /** The answer to a call, which may come from now on. Rejects with the signal's reason when it aborts. */
  wait(toolCallId: string, signal: AbortSignal): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#waiting.delete(toolCallId)
        reject(signal.reason)
      }
      if (signal.aborted) return abort()
      signal.addEventListener('abort', abort, { once: true })
      this.#waiting.set(toolCallId, (answer) => {
        this.#waiting.delete(toolCallId)
        signal.removeEventListener('abort', abort)
        resolve(answer)
      })
    })
  }

  /** Passes an answer on. False if no call waits for it. */
  give(answer: Answer): boolean {
    const waiting = this.#waiting.get(answer.toolCallId)
    waiting?.(answer)
    return waiting !== undefined
  }
}
