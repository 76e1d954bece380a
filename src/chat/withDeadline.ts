/** When something has to be done, and what it is told if it is not. */
export interface Deadline {
  milliseconds: number
  createError: () => Error
}

/**
 * The result of `run`, which gets a signal that aborts with `outer` and at the deadline. Neither waits
 * for a `run` that ignores its signal: the promise rejects with the signal's reason.
 */
export function withDeadline(
  run: (signal: AbortSignal) => unknown,
  outer: AbortSignal,
  deadline?: Deadline,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const controller = new AbortController()
    const abort = (reason: unknown): void => {
      reject(reason)
      controller.abort(reason)
    }
    const onAbort = (): void => abort(outer.reason)
    const timer = deadline && setTimeout(() => abort(deadline.createError()), deadline.milliseconds)
    const cleanUp = (): void => {
      clearTimeout(timer)
      outer.removeEventListener('abort', onAbort)
    }
    controller.signal.addEventListener('abort', cleanUp, { once: true })
    outer.addEventListener('abort', onAbort, { once: true })
    if (outer.aborted) return onAbort()
    void (async () => run(controller.signal))().then(resolve, reject).finally(cleanUp)
  })
}
