import type { SnapshotSource } from './SnapshotSource.js'

/** `source` seen through `map`, which runs once for each snapshot. */
export function mapSource<A, B>(source: SnapshotSource<A>, map: (snapshot: A) => B): SnapshotSource<B> {
  let from = source.getSnapshot()
  let to = map(from)
  return {
    subscribe: (listener) => source.subscribe(listener),
    getSnapshot: () => {
      const next = source.getSnapshot()
      if (next !== from) {
        from = next
        to = map(next)
      }
      return to
    },
  }
}
