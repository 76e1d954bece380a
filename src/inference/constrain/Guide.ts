/** Keeps an answer within a grammar, step by step: `prepare`, pick a token, `accept`, `takeForced`. */
export interface Guide {
  /** Gets ready for the next token. May run while the graph computes its logits. */
  prepare(): Promise<void>
  /** Sets the logits of tokens that must not come next to -Infinity. */
  mask(logits: Float32Array): void
  /** Whether token `id`, which {@link mask} left over, may come next. */
  allows(id: number): boolean
  /** Token `id` was picked. */
  accept(id: number): void
  /** The tokens that can only come next, without asking the model. They count as accepted. */
  takeForced(): Promise<readonly number[]>
  /** Begins to look ahead of what was accepted; undefined where text is free. To be ended before anything else is called. */
  lookAhead(): Outlook | undefined
  /** Frees what the grammar holds. Call once, last. */
  dispose(): void
}

/** Tries out how an answer may go on. */
export interface Outlook {
  /** Whether the grammar is over here, so that anything may follow. */
  readonly isOver: boolean
  /** Goes on by a token. False, and nothing happens, where the grammar forbids it. */
  go(id: number): boolean
  /** Goes on by the tokens that can only come here, and tells them. */
  goForced(): readonly number[]
  /** Goes back to where it began. */
  end(): void
}
