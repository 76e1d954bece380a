/** Times of one request, by when its tokens reach the page. */
export class Stopwatch {
  #started = performance.now()
  #first
  #last
  #seen = 0

  token() {
    this.#last = performance.now()
    this.#first ??= this.#last
    this.#seen++
  }

  /**
   * @param {{ promptTokens: number, reusedTokens?: number, tokens?: number, memoryBytes?: number, forwardPasses?: number }} facts `tokens`: where
   *   the side counts them itself, since a token may come without text of its own
   * @returns {import('./main.js').Figures}
   */
  figures({ promptTokens, reusedTokens = 0, tokens = this.#seen, memoryBytes, forwardPasses }) {
    const ttftMs = this.#first - this.#started
    return {
      promptTokens,
      tokens,
      ttftMs,
      prefill: ((promptTokens - reusedTokens) * 1000) / ttftMs,
      decode: ((tokens - 1) * 1000) / (this.#last - this.#first),
      memoryBytes,
      forwardPasses,
    }
  }
}
