import type { Guide } from '../constrain/Guide.js'
import { PrefixCache, type ReuseSource } from '../prefix/PrefixCache.js'
import type { Sampler } from '../sampling/Sampler.js'
import type { AbortProbe } from './AbortProbe.js'
import { assertNumbers } from './assertNumbers.js'
import { Speculator, type Hints, type SpeculatorInit } from '../speculation/Speculator.js'
import type { DecoderBackend } from './DecoderBackend.js'
import { TokenFeed, type FeedCounts } from './TokenFeed.js'

/**
 * Prompt tokens per graph run. Bounds how long an abort waits during prefill; see
 * `docs/decisions/0010-prefill-in-chunks.md` for the measurement.
 */
export const PREFILL_CHUNK = 64

/** How a {@link Decoder} works. All options exist to prove that they do not change the output. */
export interface DecoderOptions {
  /** Default {@link PREFILL_CHUNK}. */
  prefillChunk?: number
  /** Whether prefixes in the KV cache are reused. Default true. */
  reusePrefix?: boolean
  /** Most bytes of keys and values that are kept beside those of the present sequence. Default 0. */
  prefixBytes?: number | undefined
  /** Whether tokens that a grammar forces run through the graph together. Default true. */
  jumpForward?: boolean
  /**
   * Whether tokens are drafted and verified several at once, where the backend gives the logits of several tokens.
   * Default true.
   */
  speculation?: boolean
  /** What is known of the model's tokens for drafting. Default nothing. */
  drafting?: SpeculatorInit
}

/** One sequence to decode. */
export interface DecodeTask {
  prompt: readonly number[]
  /** Leading tokens of the prompt that other conversations begin with, too: system prompt and tools. Default 0. */
  anchorLength?: number
  sampler: Sampler
  /** Keeps the answer within a grammar. Default: it is free. */
  guide?: Guide | undefined
  probe: AbortProbe
  /** Most tokens of the answer: no more are drafted. Whether it ends there is up to {@link onToken}. Default: any number. */
  maxTokens?: number
  /** Whose words may be copied. */
  hints?: Hints
  /** Counted up while the sequence is decoded. */
  counts?: FeedCounts
  /** Told once, before the first run. */
  onPrefill(reusedTokens: number, from: ReuseSource | undefined): void
  /** Told every picked token; false ends the sequence. */
  onToken(id: number): boolean
}

/** The generation loop: prefill in chunks, then one token per step, on any backend. */
export class Decoder {
  readonly backend: DecoderBackend
  readonly #chunk: number
  readonly #jumpForward: boolean
  readonly #prefix: PrefixCache
  readonly #speculator: Speculator | undefined

  constructor(backend: DecoderBackend, options: DecoderOptions = {}) {
    this.backend = backend
    this.#chunk = options.prefillChunk ?? PREFILL_CHUNK
    this.#jumpForward = options.jumpForward ?? true
    this.#prefix = new PrefixCache(backend, {
      chunk: backend.isBatchInvariant ? 1 : this.#chunk,
      memoryBytes: options.prefixBytes,
      isOn: options.reusePrefix,
    })
    const drafts = (options.speculation ?? true) && backend.feedAll !== undefined && (backend.maxRows ?? 1) > 1
    this.#speculator = drafts ? new Speculator(options.drafting) : undefined
  }

  /** What is kept of earlier prompts. */
  get prefix(): PrefixCache {
    return this.#prefix
  }

  /** Frees the backend, and what is kept of earlier prompts. */
  async dispose(): Promise<void> {
    this.#prefix.clear()
    await this.backend.dispose()
  }

  /**
   * Runs one sequence to its end.
   * @returns whether it was aborted.
   * @throws LLMError `session-failed` when the graph gives NaN.
   */
  async decode(task: DecodeTask): Promise<'ended' | 'aborted'> {
    const prefilled = await this.#prefill(task)
    if (prefilled === undefined) return 'aborted'
    this.#speculator?.start(task.prompt, task.hints)
    const feed = new TokenFeed({
      backend: this.backend,
      logits: prefilled,
      guide: task.guide,
      speculator: this.#speculator,
      together: this.#jumpForward,
      maxTokens: task.maxTokens ?? Number.POSITIVE_INFINITY,
      counts: task.counts ?? { forwardPasses: 0, draftedTokens: 0, acceptedTokens: 0 },
      onKept: (tokens) => {
        if (this.backend.isBatchInvariant) this.#prefix.append(tokens)
      },
    })
    try {
      return await this.#write(task, feed)
    } finally {
      await feed.end()
    }
  }

  async #write({ guide, sampler, probe, onToken }: DecodeTask, feed: TokenFeed): Promise<'ended' | 'aborted'> {
    for (;;) {
      for (const id of (await guide?.takeForced()) ?? []) {
        sampler.see(id)
        if (!onToken(id)) return 'ended'
        feed.write(id)
      }
      if (feed.mustRun && (await probe.check())) return 'aborted'
      const logits = await feed.logits()
      assertNumbers(logits)
      const token = sampler.sample(logits, guide)
      guide?.accept(token)
      if (!onToken(token)) return 'ended'
      feed.write(token)
    }
  }

  async #prefill({ prompt, anchorLength, probe, onPrefill }: DecodeTask): Promise<Float32Array | undefined> {
    const reuse = await this.#prefix.begin(prompt, anchorLength)
    onPrefill(reuse.tokens, reuse.from)
    let logits: Float32Array | undefined
    for (let start = reuse.tokens; start < prompt.length; start += this.#chunk) {
      if (await probe.check()) return undefined
      const chunk = prompt.slice(start, start + this.#chunk)
      logits = await this.backend.feed(chunk, probe)
      if (logits === undefined) return undefined
      this.#prefix.append(chunk)
    }
    return logits
  }
}
