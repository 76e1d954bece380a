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
  /** Frees what the grammar holds. Call once, last. */
  dispose(): void
}
