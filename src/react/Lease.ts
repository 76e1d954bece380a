/**
 * Ends something a task after its holder let go, unless it is held again by then. React lets go of
 * effects and takes them up again in one task (StrictMode, Fast Refresh) without meaning an unmount.
 */
export class Lease {
  readonly #end: () => void
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(end: () => void) {
    this.#end = end
  }

  /** Takes the lease; the result lets go of it. An effect's body as it stands. */
  hold = (): (() => void) => {
    clearTimeout(this.#timer)
    return () => {
      clearTimeout(this.#timer)
      this.#timer = setTimeout(this.#end)
    }
  }
}
