/** What a hook can subscribe to: immutable snapshots and a signal that there is a new one. */
export interface SnapshotSource<S> {
  /** The same object until something changes. */
  getSnapshot(): S
  subscribe(listener: () => void): () => void
}
