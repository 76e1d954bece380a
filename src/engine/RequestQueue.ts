/** A place in a {@link RequestQueue}. */
export interface QueuePlace {
  /** Resolves when everybody before has left. */
  ready: Promise<void>
  /** Lets the next one go ahead. May be called before `ready`. */
  leave(): void
}

/** First in, first out: whoever enters waits until all before have left. */
export class RequestQueue {
  #tail: Promise<void> = Promise.resolve()

  enter(): QueuePlace {
    const ready = this.#tail
    let leave!: () => void
    const left = new Promise<void>((resolve) => (leave = resolve))
    this.#tail = ready.then(() => left)
    return { ready, leave }
  }
}
