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
  #timer: ReturnType<typeof setTimeout> | undefined
  #fail!: (error: unknown) => void
  /** Some replacements of `fetch` do not look at their signal. */
  readonly #over: Promise<never>

  constructor(outer: AbortSignal | undefined, stallMs: number) {
    this.signal = this.#controller.signal
    this.#outer = outer
    this.#stallMs = stallMs
    this.#over = new Promise<never>((_resolve, reject) => (this.#fail = reject))
    this.#over.catch(() => undefined)
    outer?.addEventListener('abort', this.#abort)
    if (outer?.aborted) this.#abort()
  }

  /** What the server does next, for as long as it may take. */
  async next<T>(step: Promise<T>): Promise<T> {
    this.#timer = setTimeout(this.#stall, this.#stallMs)
    try {
      return await Promise.race([step, this.#over])
    } finally {
      clearTimeout(this.#timer)
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
    this.#controller.abort()
  }

  #abort = (): void => {
    this.#fail(loadAborted())
    this.#controller.abort()
  }
}
