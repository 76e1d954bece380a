import type { Guide } from '../constrain/Guide.js'
import type { Guides } from '../constrain/Guides.js'
import type { FinishReason, GenerateEvent, GenerateMetrics, GenerateRequest, GenerateUpdate } from '../types.js'
import type { FirstTokenBias } from '../sampling/Sampler.js'
import type { ChatCodec } from './ChatCodec.js'
import { checkRequest } from './checkRequest.js'
import { MetricsRecorder } from './MetricsRecorder.js'
import type { OutputStream } from './OutputStream.js'
import type { FeedCounts } from './TokenFeed.js'

const DEFAULT_MAX_TOKENS = 512

/**
 * One request on its way to its answer, whatever runs the model: encodes the prompt, takes the
 * picked tokens, decides when the answer is over and reports events with figures.
 */
export class Turn {
  /** Token ids of the prompt. */
  readonly prompt: readonly number[]
  /** What the first token leans to. */
  readonly firstTokenBias: FirstTokenBias | undefined
  /** Keeps the answer within a grammar, where the request wants that. */
  readonly guide: Guide | undefined
  readonly #codec: ChatCodec
  readonly #output: OutputStream
  readonly #emit: (update: GenerateUpdate) => void
  readonly #metrics = new MetricsRecorder()
  readonly #maxTokens: number
  readonly #maxCalls: number
  readonly #ids: number[] = []
  #reason: 'stop' | 'length' = 'stop'

  /** @throws LLMError `invalid-request`, `constrained-unavailable` and what {@link ChatCodec.encode} throws. */
  constructor(codec: ChatCodec, request: GenerateRequest, emit: (update: GenerateUpdate) => void, guides?: Guides) {
    checkRequest(request)
    const encoded = codec.encode(request)
    this.prompt = encoded.ids
    this.firstTokenBias = codec.firstTokenBias(request)
    this.guide = guides?.create(request, encoded)
    this.#codec = codec
    this.#emit = emit
    this.#output = codec.createOutput(request, encoded)
    this.#maxCalls = request.parallelToolCalls === false ? 1 : Number.POSITIVE_INFINITY
    this.#maxTokens = Math.min(request.maxTokens ?? DEFAULT_MAX_TOKENS, codec.contextLength - encoded.ids.length)
  }

  /** Whether no token was taken yet. */
  get isFresh(): boolean {
    return this.#ids.length === 0
  }

  /** Most tokens the answer may have. */
  get maxTokens(): number {
    return this.#maxTokens
  }

  /** The graph starts to run; `reusedTokens` of the prompt are in its KV cache already, `from` an earlier request or visit. */
  start(reusedTokens: number, from?: GenerateMetrics['reusedFrom']): void {
    this.#metrics.prefill(this.prompt.length, reusedTokens, from)
    const start: GenerateEvent = { type: 'start', promptTokens: this.prompt.length, reusedTokens }
    this.#emit({ tokenId: undefined, events: [start, ...this.#output.start()] })
  }

  /**
   * Takes the next token. False when the answer is over.
   * @param probability what the model gave it; undefined for a forced one or where it is not measured.
   */
  accept(id: number, probability?: number): boolean {
    this.#metrics.token()
    this.#ids.push(id)
    if (this.#codec.endTokens.has(id)) return false
    const events = this.#output.push(id, probability)
    this.#emit({ tokenId: id, events })
    if (this.#output.stopped || this.#output.calls >= this.#maxCalls) return false
    if (this.#ids.length < this.#maxTokens) return true
    this.#reason = 'length'
    return false
  }

  /** Reports what was held back and the figures. Call once, last. */
  finish(outcome: 'ended' | 'aborted', memoryBytes: number | undefined, counts?: FeedCounts): void {
    const events = outcome === 'aborted' ? [] : this.#output.finish(this.#reason)
    const reason: FinishReason =
      outcome === 'aborted' ? 'abort' : this.#output.calls > 0 && this.#reason === 'stop' ? 'tool-calls' : this.#reason
    const metrics = this.#metrics.finish(memoryBytes, counts)
    this.#emit({ tokenId: undefined, events: [...events, { type: 'finish', reason, metrics, tokenIds: this.#ids }] })
  }
}
