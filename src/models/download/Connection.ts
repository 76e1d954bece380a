import { loadAborted } from '../loadErrors.js'

/** One request's life: ends by the caller's signal, or when nothing comes for too long. */
export class Connection {
  /** For `fetch`. */
  readonly signal: AbortSignal
  /** Nothing came for too long. */
  isStalled = false
  readonly #controller = new AbortController()
  readonly #outer: AbortSignal | undefined
  readonly #stallMs: number
  /** Why it ended. */
  #failure: Error | undefined
  /** Rejects the step that is being waited for: some replacements of `fetch` do not look at their signal. */
  #reject: ((error: Error) => void) | undefined

  constructor(outer: AbortSignal | undefined, stallMs: number) {
    this.signal = this.#controller.signal
    this.#outer = outer
    this.#stallMs = stallMs
    outer?.addEventListener('abort', this.#abort)
    if (outer?.aborted) this.#abort()
  }

  /** What the server does next, for as long as it may take. */
  async next<T>(step: Promise<T>): Promise<T> {
    const timer = setTimeout(this.#stall, this.#stallMs)
    try {
      // Not Promise.race with one lasting promise: that would hold on to everything that ever came.
      return await new Promise<T>((resolve, reject) => {
        this.#reject = reject
        if (this.#failure) reject(this.#failure)
        step.then(resolve, reject)
      })
    } finally {
      this.#reject = undefined
      clearTimeout(timer)
    }
  }

  /** Ends the request, whether or not it is done. */
  close(): void {
    this.#outer?.removeEventListener('abort', this.#abort)
    this.#controller.abort()
  }

  #stall = (): void => {
    this.isStalled = true
    this.#fail(new Error(`Nothing came for ${this.#stallMs} ms`))
  }

  #abort = (): void => this.#fail(loadAborted())

  #fail(failure: Error): void {
    this.#failure ??= failure
    this.#reject?.(failure)
    this.#controller.abort()
  }
}
