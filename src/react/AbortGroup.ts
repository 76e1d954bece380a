/** Streams that can be ended together, beside each one's own signal. */
export class AbortGroup {
  readonly #running = new Set<AbortController>()
  readonly #onChange: (() => void) | undefined

  /** `onChange` is called when a stream began or ended. */
  constructor(onChange?: () => void) {
    this.#onChange = onChange
  }

  /** How many streams run. */
  get size(): number {
    return this.#running.size
  }

  /** Runs what `start` makes of a signal that aborts with `outer` or with the group. */
  async *run<T>(
    start: (signal: AbortSignal) => AsyncIterable<T>,
    outer: AbortSignal | undefined,
  ): AsyncGenerator<T, void, undefined> {
    const run = new AbortController()
    const abort = () => run.abort(outer?.reason)
    if (outer?.aborted) abort()
    outer?.addEventListener('abort', abort)
    this.#running.add(run)
    this.#onChange?.()
    try {
      yield* start(run.signal)
    } finally {
      outer?.removeEventListener('abort', abort)
      this.#running.delete(run)
      this.#onChange?.()
    }
  }

  abort(): void {
    for (const run of this.#running) run.abort()
  }
}
