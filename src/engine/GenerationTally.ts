import type { GenerateEvent, GenerateUpdate } from '../inference/types.js'

/** What the main thread knows of a running generation: enough to end it without asking the worker. */
export class GenerationTally {
  readonly #started = performance.now()
  readonly #tokenIds: number[] = []
  #promptTokens = 0
  #reusedTokens = 0
  #firstToken: number | undefined
  #lastToken: number | undefined

  add({ tokenId, events }: GenerateUpdate): void {
    const [first] = events
    if (first?.type === 'start') {
      this.#promptTokens = first.promptTokens
      this.#reusedTokens = first.reusedTokens
    }
    if (tokenId === undefined) return
    this.#tokenIds.push(tokenId)
    this.#lastToken = performance.now()
    this.#firstToken ??= this.#lastToken
  }

  /** The event that ends an aborted generation, with figures as of now. */
  abortedFinish(): GenerateEvent {
    const now = performance.now()
    const firstToken = this.#firstToken ?? now
    const decoded = this.#tokenIds.length - 1
    const decodeMs = (this.#lastToken ?? now) - firstToken
    const prefilled = this.#firstToken === undefined ? 0 : this.#promptTokens - this.#reusedTokens
    return {
      type: 'finish',
      reason: 'abort',
      tokenIds: [...this.#tokenIds],
      metrics: {
        promptTokens: this.#promptTokens,
        reusedTokens: this.#reusedTokens,
        completionTokens: this.#tokenIds.length,
        timeToFirstTokenMs: firstToken - this.#started,
        prefillTokensPerSecond: (prefilled * 1000) / Math.max(firstToken - this.#started, 1),
        decodeTokensPerSecond: decoded > 0 && decodeMs > 0 ? (decoded * 1000) / decodeMs : undefined,
        totalMs: now - this.#started,
        memoryBytes: undefined,
      },
    }
  }
}
