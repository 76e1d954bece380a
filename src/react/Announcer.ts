/** Tells listeners that something has changed. */
export class Announcer {
  readonly #listeners = new Set<() => void>()

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  announce = (): void => {
    for (const listener of [...this.#listeners]) listener()
  }
}
