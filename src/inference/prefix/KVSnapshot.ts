/** Keys and values of some tokens, kept beside those that a backend works on. */
export interface KVSnapshot {
  /** Tokens that can be restored from it. */
  readonly length: number
  /** What it keeps, by identity, with its bytes. Snapshots may share pieces, with each other and with the backend. */
  pieces(): Iterable<readonly [piece: unknown, bytes: number]>
  /** Gives up what it keeps. It cannot be restored again. */
  release(): void
}

/** What a backend can do with its cache beside growing and cutting it. */
export interface KVSnapshots {
  /**
   * Asked when there is no memory left, to give up snapshots; false where there are none. Set by who keeps them.
   */
  reclaim: (() => boolean) | undefined
  /** Keeps at least the first `length` tokens of the cache. Copies nothing that is not written to later. */
  take(length: number): KVSnapshot
  /** Makes a snapshot's first `length` tokens the cache. What was there is gone; the snapshot stays. */
  restore(snapshot: KVSnapshot, length: number): Promise<void>
  /**
   * What images depend on beside the model and the tokens: who computes, by which numerics, and how it is laid out.
   * Undefined: there are none.
   */
  readonly imageKind: string | undefined
  /**
   * The keys and values of a snapshot's first `length` tokens as bytes, and nothing of what follows them: copies, or
   * views that hold until the memory is written to.
   * @throws LLMError `out-of-memory`
   */
  toImage(snapshot: KVSnapshot, length: number): Uint8Array[]
  /**
   * The snapshot that the joined bytes of {@link toImage} were made of; undefined for other bytes.
   * @throws LLMError `out-of-memory`
   */
  fromImage(image: Uint8Array, length: number): KVSnapshot | undefined
}
