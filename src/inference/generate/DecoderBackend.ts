/**
 * A decoder with its KV cache: what the generation loop runs on. The cache holds the tokens fed
 * so far; feeding appends.
 */
export interface DecoderBackend {
  /** Tokens in the KV cache. */
  readonly length: number
  /** Tokens of the vocabulary: the length of what {@link feed} resolves to. */
  readonly vocabSize: number
  /** Bytes of WebAssembly memory in use, where the backend can tell. */
  readonly memoryBytes: number | undefined
  /**
   * Runs the graph over `tokens` (at least one) and appends them to the cache.
   * @returns logits after the last token; the array is valid, and may be changed, until the next call.
   */
  feed(tokens: readonly number[]): Promise<Float32Array>
  /** Cuts the cache to its first `length` tokens, or empties it where it cannot be cut. */
  truncate(length: number): Promise<void>
  /** Frees the graph and the cache. */
  dispose(): Promise<void>
}
