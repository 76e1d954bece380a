import type { GenerateMetrics } from '../types.js'
import type { FeedCounts } from './TokenFeed.js'

/** Takes the times of one generation, in the order of its methods. */
export class MetricsRecorder {
  readonly #started = performance.now()
  #prefillStarted = this.#started
  #promptTokens = 0
  #reusedTokens = 0
  #reusedFrom: GenerateMetrics['reusedFrom']
  #firstToken: number | undefined
  #lastToken: number | undefined
  #completionTokens = 0

  /** The prompt is tokenized; the graph starts to run. */
  prefill(promptTokens: number, reusedTokens: number, reusedFrom?: GenerateMetrics['reusedFrom']): void {
    this.#prefillStarted = performance.now()
    this.#promptTokens = promptTokens
    this.#reusedTokens = reusedTokens
    this.#reusedFrom = reusedFrom
  }

  /** One more token was picked. */
  token(): void {
    this.#lastToken = performance.now()
    this.#firstToken ??= this.#lastToken
    this.#completionTokens++
  }

  /** Figures up to now. */
  finish(memoryBytes: number | undefined, counts?: FeedCounts): GenerateMetrics {
    const now = performance.now()
    const firstToken = this.#firstToken ?? now
    const prefilled = this.#promptTokens - this.#reusedTokens
    const decoded = this.#completionTokens - 1
    return {
      promptTokens: this.#promptTokens,
      reusedTokens: this.#reusedTokens,
      reusedFrom: this.#reusedFrom,
      completionTokens: this.#completionTokens,
      timeToFirstTokenMs: firstToken - this.#started,
      prefillTokensPerSecond: perSecond(this.#firstToken === undefined ? 0 : prefilled, firstToken - this.#prefillStarted),
      decodeTokensPerSecond: decoded > 0 ? perSecond(decoded, (this.#lastToken ?? now) - firstToken) : undefined,
      totalMs: now - this.#started,
      ...counts,
      memoryBytes,
    }
  }
}

function perSecond(count: number, milliseconds: number): number {
  return milliseconds > 0 ? (count * 1000) / milliseconds : 0
}
