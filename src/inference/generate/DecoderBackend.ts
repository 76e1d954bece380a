import type { KVSnapshots } from '../prefix/KVSnapshot.js'
import type { AbortProbe } from './AbortProbe.js'

/**
 * A decoder with its KV cache: what the generation loop runs on. The cache holds the tokens fed
 * so far; feeding appends.
 */
export interface DecoderBackend {
  /** Tokens in the KV cache. */
  readonly length: number
  /** Tokens of the vocabulary: the length of what {@link feed} resolves to. */
  readonly vocabSize: number
  /**
   * Whether a token's keys, values and logits are the same, to the bit, whatever tokens it is fed
   * together with. Then any prefix of what is in the cache may be reused.
   */
  readonly isBatchInvariant: boolean
  /** Bytes of WebAssembly memory in use, where the backend can tell. */
  readonly memoryBytes: number | undefined
  /** Keeps what is in the cache and brings it back, where the backend can. */
  readonly snapshots?: KVSnapshots
  /**
   * Runs the graph over `tokens` (at least one) and appends them to the cache.
   * @param probe asked in between, where the backend can stop there; then the cache is as it was before.
   * @returns logits after the last token; the array is valid, and may be changed, until the next call.
   *   Undefined when it was stopped.
   */
  feed(tokens: readonly number[]): Promise<Float32Array>
  feed(tokens: readonly number[], probe: AbortProbe): Promise<Float32Array | undefined>
  /** Most tokens whose logits {@link feedAll} gives. Undefined where there is no such method. */
  readonly maxRows?: number
  /**
   * Feeds like {@link feed}, and gives the logits after each of the last `rows` tokens: `[rows, vocabSize]`, as long
   * and in the same way valid. Undefined where a backend gives those after the last token only.
   */
  feedAll?(tokens: readonly number[], rows: number): Promise<Float32Array>
  /** Cuts the cache to its first `length` tokens, or empties it where it cannot be cut. */
  truncate(length: number): Promise<void>
  /** Frees the graph and the cache. */
  dispose(): Promise<void>
}
