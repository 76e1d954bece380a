import type { Guide } from '../constrain/Guide.js'
import { PrefixCache, type ReuseSource } from '../prefix/PrefixCache.js'
import type { Sampler } from '../sampling/Sampler.js'
import type { AbortProbe } from './AbortProbe.js'
import { assertNumbers } from './assertNumbers.js'
import type { DecoderBackend } from './DecoderBackend.js'

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

  constructor(backend: DecoderBackend, options: DecoderOptions = {}) {
    this.backend = backend
    this.#chunk = options.prefillChunk ?? PREFILL_CHUNK
    this.#jumpForward = options.jumpForward ?? true
    this.#prefix = new PrefixCache(backend, {
      chunk: backend.isBatchInvariant ? 1 : this.#chunk,
      memoryBytes: options.prefixBytes,
      isOn: options.reusePrefix,
    })
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
    let logits = await this.#prefill(task)
    let picked: number[] = []
    while (logits !== undefined) {
      const forced = (await task.guide?.takeForced()) ?? []
      for (const id of forced) {
        task.sampler.see(id)
        if (!task.onToken(id)) return 'ended'
      }
      const waiting = [...picked, ...forced]
      if (waiting.length > 0) {
        if (await task.probe.check()) return 'aborted'
        logits = await this.#feed(waiting, task.guide)
      } else await task.guide?.prepare()
      assertNumbers(logits)
      const token = task.sampler.sample(logits, task.guide)
      task.guide?.accept(token)
      if (!task.onToken(token)) return 'ended'
      picked = [token]
    }
    return 'aborted'
  }

  /** Runs tokens that were picked or forced. Meanwhile the guide gets ready for the next one. */
  async #feed(tokens: readonly number[], guide: Guide | undefined): Promise<Float32Array> {
    const running = this.#jumpForward ? this.backend.feed(tokens) : this.#feedOneByOne(tokens)
    const [fed, ready] = await Promise.allSettled([running, guide?.prepare()])
    if (fed.status === 'rejected') throw fed.reason
    if (ready.status === 'rejected') throw ready.reason
    if (this.backend.isBatchInvariant) this.#prefix.append(tokens)
    return fed.value
  }

  async #feedOneByOne(tokens: readonly number[]): Promise<Float32Array> {
    let logits = await this.backend.feed(tokens.slice(0, 1))
    for (const token of tokens.slice(1)) logits = await this.backend.feed([token])
    return logits
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
