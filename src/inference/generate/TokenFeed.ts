import type { Guide } from '../constrain/Guide.js'
import type { Speculator } from '../speculation/Speculator.js'
import type { DecoderBackend } from './DecoderBackend.js'

/** Runs of the graph after the prompt's, and what became of the tokens that were drafted for them. */
export interface FeedCounts {
  forwardPasses: number
  draftedTokens: number
  acceptedTokens: number
}

/** What a {@link TokenFeed} works with. */
export interface TokenFeedInit {
  backend: DecoderBackend
  /** Logits after all that the backend holds. */
  logits: Float32Array
  guide: Guide | undefined
  /** Undefined: nothing is drafted. */
  speculator: Speculator | undefined
  /** Whether tokens that were written together run together. */
  together: boolean
  /** Most tokens that may be written. */
  maxTokens: number
  counts: FeedCounts
  /** Told the tokens that stay in the backend's cache, in order. */
  onKept(tokens: readonly number[]): void
}

/**
 * Feeds what an answer is made of and has the logits for what comes next. Behind the tokens that must be fed it may
 * feed a draft; as long as the answer goes on like it, the logits are there already.
 */
export class TokenFeed {
  readonly #init: TokenFeedInit
  /** Logits after the last token fed and after each drafted one. */
  #rows: Float32Array
  #waiting: number[] = []
  #draft: readonly number[] = []
  /** How many of the draft's tokens the answer has. */
  #come = 0
  #written = 0
  /** Tokens in the cache that are the answer's, or the prompt's. */
  #kept: number

  constructor(init: TokenFeedInit) {
    this.#init = init
    this.#rows = init.logits
    this.#kept = init.backend.length
  }

  /** Whether {@link logits} has to run the graph. */
  get mustRun(): boolean {
    return this.#waiting.length > 0
  }

  /** The answer goes on with token `id`. */
  write(id: number): void {
    this.#written++
    this.#init.speculator?.written(id)
    if (this.#waiting.length === 0 && this.#come < this.#draft.length && this.#draft[this.#come] === id) {
      this.#come++
      this.#kept++
      this.#init.counts.acceptedTokens++
      this.#init.onKept([id])
    } else this.#waiting.push(id)
  }

  /** Logits after everything written. They may be changed. The guide is ready then. */
  async logits(): Promise<Float32Array> {
    const { guide, backend } = this.#init
    if (!this.mustRun) {
      await guide?.prepare()
      return this.#rows.subarray(this.#come * backend.vocabSize, (this.#come + 1) * backend.vocabSize)
    }
    await this.#cut()
    if (!this.#init.together) while (this.#waiting.length > 1) await this.#run([this.#waiting.shift()!], [])
    const tokens = this.#waiting
    this.#waiting = []
    const draft = this.#propose(tokens.length)
    const [fed, ready] = await Promise.allSettled([this.#run(tokens, draft), guide?.prepare()])
    if (fed.status === 'rejected') throw fed.reason
    this.#rows = fed.value
    this.#draft = draft
    if (ready.status === 'rejected') throw ready.reason
    return this.#rows.subarray(0, backend.vocabSize)
  }

  /** The answer is over, or failed: cuts the cache to what it is made of. */
  end(): Promise<void> {
    return this.#cut()
  }

  #propose(waiting: number): readonly number[] {
    const { speculator, backend, maxTokens, guide } = this.#init
    if (speculator === undefined) return []
    // The token after the draft is written, too.
    const room = Math.min((backend.maxRows ?? 1) - 1, maxTokens - this.#written - 1)
    return room > 0 ? speculator.draft(waiting, room, guide) : []
  }

  async #run(tokens: readonly number[], draft: readonly number[]): Promise<Float32Array> {
    const { backend, speculator, counts, onKept } = this.#init
    const started = performance.now()
    const rows =
      draft.length === 0 ? await backend.feed(tokens) : await backend.feedAll!([...tokens, ...draft], draft.length + 1)
    speculator?.measured(tokens.length + draft.length, draft.length, performance.now() - started)
    counts.forwardPasses++
    counts.draftedTokens += draft.length
    this.#kept += tokens.length
    onKept(tokens)
    return rows
  }

  /** What was drafted and has not come goes. */
  async #cut(): Promise<void> {
    if (this.#come < this.#draft.length) await this.#init.backend.truncate(this.#kept)
    this.#draft = []
    this.#come = 0
  }
}
