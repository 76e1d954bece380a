/** Asked between steps whether the generation shall end. */
export interface AbortProbe {
  /** True once the generation was aborted. May let the event loop turn before it answers. */
  check(): boolean | Promise<boolean>
}

/** Reads a flag in shared memory: any non-zero value aborts. Costs nothing per step. */
export class SharedFlagProbe implements AbortProbe {
  readonly #flag: Int32Array

  constructor(buffer: SharedArrayBuffer) {
    this.#flag = new Int32Array(buffer)
  }

  check(): boolean {
    return Atomics.load(this.#flag, 0) !== 0
  }
}

/**
 * For pages without SharedArrayBuffer: gives the event loop a turn before each answer, so that a
 * posted abort message can arrive. Works where graph runs block the thread.
 */
export class MessageProbe implements AbortProbe {
  readonly #channel = new MessageChannel()
  #aborted = false
  #resume: (() => void) | undefined

  constructor() {
    this.#channel.port1.onmessage = () => this.#resume?.()
  }

  /** Makes every later {@link check} answer true. */
  abort(): void {
    this.#aborted = true
  }

  async check(): Promise<boolean> {
    await new Promise<void>((resolve) => {
      this.#resume = resolve
      this.#channel.port2.postMessage(undefined)
    })
    return this.#aborted
  }

  /** Frees the message channel. */
  close(): void {
    this.#channel.port1.close()
  }
}
