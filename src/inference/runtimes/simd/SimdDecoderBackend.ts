import { LLMError, isLLMError } from '../../../errors/index.js'
import type { Sequence, SimdDecoder } from '../../../simd/index.js'
import type { AbortProbe } from '../../generate/AbortProbe.js'
import type { DecoderBackend } from '../../generate/DecoderBackend.js'
import { SimdSnapshots } from './SimdSnapshots.js'

/** A pass of fewer tokens is over before it is worth asking whether to stop. */
const PROBED_TOKENS = 8
/** Rows of logits there is room for from the first draft on: an eighth of a megabyte to one each. */
const MAX_ROWS = 8
// A probe may let the event loop turn, which takes a while itself.
const PROBE_EVERY_MS = 10

/** A decoder on the SIMD core, with one sequence that it works on. */
export class SimdDecoderBackend implements DecoderBackend {
  readonly isBatchInvariant = true
  readonly maxRows = MAX_ROWS
  readonly vocabSize: number
  readonly snapshots: SimdSnapshots
  readonly #decoder: SimdDecoder

  constructor(decoder: SimdDecoder) {
    this.#decoder = decoder
    this.snapshots = new SimdSnapshots(decoder)
    this.vocabSize = decoder.plan.vocab
  }

  get #sequence(): Sequence {
    return this.snapshots.sequence
  }

  get length(): number {
    return this.#sequence.length
  }

  get memoryBytes(): number {
    return this.#decoder.memoryBytes
  }

  feed(tokens: readonly number[]): Promise<Float32Array>
  feed(tokens: readonly number[], probe: AbortProbe): Promise<Float32Array | undefined>
  async feed(tokens: readonly number[], probe?: AbortProbe): Promise<Float32Array | undefined> {
    try {
      if (!probe || tokens.length < PROBED_TOKENS) return this.#decoder.feed(this.#sequence, tokens)
      return await this.#feedProbed(tokens, probe)
    } catch (cause) {
      throw runError(cause)
    }
  }

  async feedAll(tokens: readonly number[], rows: number): Promise<Float32Array> {
    try {
      // What logits outgrow is not given back, so they grow once.
      this.#decoder.logits.reserve(MAX_ROWS)
      return await Promise.resolve(this.#decoder.feed(this.#sequence, tokens, { logits: rows }))
    } catch (cause) {
      throw runError(cause)
    }
  }

  truncate(length: number): Promise<void> {
    this.#sequence.truncate(length)
    return Promise.resolve()
  }

  dispose(): Promise<void> {
    this.#sequence.dispose()
    this.#decoder.dispose()
    return Promise.resolve()
  }

  async #feedProbed(tokens: readonly number[], probe: AbortProbe): Promise<Float32Array | undefined> {
    const steps = this.#decoder.feedInSteps(this.#sequence, tokens)
    let asked = performance.now()
    for (;;) {
      const { done, value } = steps.next()
      if (done) return value
      if (performance.now() - asked < PROBE_EVERY_MS) continue
      if (await probe.check()) {
        steps.return(new Float32Array(0))
        return undefined
      }
      asked = performance.now()
    }
  }
}

function runError(cause: unknown): LLMError {
  if (isLLMError(cause)) return cause
  return new LLMError({
    code: 'session-failed',
    recoverable: true,
    message: `The SIMD core failed while running: ${cause instanceof Error ? cause.message : String(cause)} The model will be loaded again with the next request.`,
    cause,
  })
}
