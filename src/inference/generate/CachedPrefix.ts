/**
 * Knows which tokens the KV cache holds and how many of them a new prompt may reuse.
 *
 * Where it matters what is run together, only whole prefill chunks that start at multiples of the
 * chunk size are reused: quantized kernels scale activations per run, so keys and values depend on
 * which tokens were run together. A prompt computed with reuse has then seen exactly the runs it would have seen
 * without, and gives exactly the same output.
 */
export class CachedPrefix {
  readonly #chunk: number
  #tokens: number[] = []

  /** @param chunk tokens of a prefill run; 1 where it does not matter what is run together. */
  constructor(chunk: number) {
    this.#chunk = chunk
  }

  /** How many leading tokens of `prompt` need not be computed again; at least one is left to feed. */
  reusable(prompt: readonly number[]): number {
    const limit = Math.min(this.#tokens.length, prompt.length - 1)
    let common = 0
    while (common < limit && this.#tokens[common] === prompt[common]) common++
    return common - (common % this.#chunk)
  }

  /** The cache was cut to its first `length` tokens. */
  truncate(length: number): void {
    this.#tokens.length = Math.min(this.#tokens.length, length)
  }

  /** One run appended `tokens` at the end of the remembered prefix. Partial chunks are not remembered. */
  append(tokens: readonly number[]): void {
    if (tokens.length % this.#chunk === 0) this.#tokens.push(...tokens)
  }
}
