import type { ConversationSnapshot } from './types.js'

/** Calls `publish` later, once. */
export type Scheduler = (publish: () => void) => void

/** Holds the snapshot that subscribers see, apart from the one that grows with every token. */
export class SnapshotStore {
  readonly #listeners = new Set<() => void>()
  readonly #schedule: Scheduler
  #published: ConversationSnapshot
  #scheduled = false
  /** The newest state, published or not. */
  current: ConversationSnapshot

  constructor(initial: ConversationSnapshot, schedule: Scheduler) {
    this.current = initial
    this.#published = initial
    this.#schedule = schedule
  }

  get published(): ConversationSnapshot {
    return this.#published
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Published at once if `urgent`, else with the scheduler's next turn. */
  set(next: ConversationSnapshot, urgent: boolean): void {
    this.current = next
    if (urgent) return this.#publish()
    if (this.#scheduled) return
    this.#scheduled = true
    this.#schedule(() => {
      this.#scheduled = false
      this.#publish()
    })
  }

  clearListeners(): void {
    this.#listeners.clear()
  }

  #publish(): void {
    if (this.#published === this.current) return
    this.#published = this.current
    for (const listener of [...this.#listeners]) {
      try {
        listener()
      } catch (error) {
        // Uncaught, but not in the middle of a turn, which would take it for its own failure.
        queueMicrotask(() => {
          throw error
        })
      }
    }
  }
}
