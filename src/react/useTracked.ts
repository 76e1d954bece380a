import { useMemo, useState, useSyncExternalStore } from 'react'
import type { SnapshotSource } from './SnapshotSource.js'

/**
 * A component's view of a store: the fields of the snapshot beside `functions`. The component
 * re-renders only for fields it has read, so `const { sendMessage } = …` costs nothing in a stream.
 * `store`, `initial` (which names the fields) and `functions` are those of the first render.
 */
export function useTracked<S extends object, F extends object>(
  store: SnapshotSource<S>,
  initial: S,
  functions: F,
): S & F {
  const [fields] = useState(() => new TrackedFields(store, initial, functions))
  const snapshot = useSyncExternalStore(fields.subscribe, store.getSnapshot, fields.getServerSnapshot)
  // A new object for every snapshot, because memoized children compare by identity.
  return useMemo(() => fields.view(snapshot), [fields, snapshot])
}

class TrackedFields<S extends object, F extends object> {
  readonly #store: SnapshotSource<S>
  /** A copy, so that it is told apart from what the store holds. */
  readonly #server: S
  readonly #functions: F
  readonly #read = new Set<keyof S>()

  constructor(store: SnapshotSource<S>, initial: S, functions: F) {
    this.#store = store
    this.#server = { ...initial }
    this.#functions = functions
  }

  getServerSnapshot = (): S => this.#server

  subscribe = (listener: () => void): (() => void) => {
    let previous = this.#store.getSnapshot()
    return this.#store.subscribe(() => {
      const next = this.#store.getSnapshot()
      const changed = [...this.#read].some((key) => !Object.is(previous[key], next[key]))
      previous = next
      if (changed) listener()
    })
  }

  /**
   * Getters that note what is read. They give the present value, as an event handler of a component
   * that skipped renders must not see an old one; only hydration has to match what the server sent.
   */
  view(snapshot: S): S & F {
    const view = { ...this.#functions } as S & F
    for (const key of Object.keys(this.#server) as (keyof S)[]) {
      Object.defineProperty(view, key, {
        enumerable: true,
        get: () => {
          this.#read.add(key)
          return (snapshot === this.#server ? snapshot : this.#store.getSnapshot())[key]
        },
      })
    }
    return view
  }
}
