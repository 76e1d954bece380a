import type { ModelState } from './types.js'

/** An engine's present state and who wants to hear of changes. */
export class StateStore {
  readonly #listeners = new Set<() => void>()
  #state: ModelState

  constructor(initial: ModelState) {
    this.#state = initial
  }

  get(): ModelState {
    return this.#state
  }

  set(state: ModelState): void {
    this.#state = state
    for (const listener of [...this.#listeners]) listener()
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => {
      this.#listeners.delete(listener)
    }
  }
}
