import { LLMError } from '../errors/index.js'
import type { CoreExports, CoreModule } from './CoreModule.js'
import { OneThread, type CoreSteps } from './CoreSteps.js'
import type { CoreMemory } from './CoreMemory.js'
import { KVPages } from './KVPages.js'
import { Logits } from './Logits.js'
import type { ModelPlan } from './ModelPlan.js'
import { PAGE_TOKENS, PageShape } from './PageShape.js'
import type { Sequence } from './Sequence.js'
import { SequenceImages } from './SequenceImages.js'
import { runBytes, runStruct, writeStruct } from './structs.js'
import { writePlan } from './writePlan.js'

const FIRST_CONTEXT = 1024

/** What a {@link SimdDecoder} is made from. */
export interface SimdDecoderInit {
  core: CoreModule
  /** Holds the model's files already. */
  memory: CoreMemory
  plan: ModelPlan
  /** Addresses of the files, as the plan numbers them. */
  files: readonly number[]
  /** Most tokens of one pass. Default 64. */
  maxTokens?: number
  /** Most threads that steps run on. Default 1. */
  maxThreads?: number
}

/** Options of {@link SimdDecoder.feed}. */
export interface FeedOptions {
  /** Tokens at the end whose logits are wanted. Default 1; at most `maxTokens`. */
  logits?: number
}

/** A decoder in the core's memory. Everything is synchronous: it is meant for a worker. */
export class SimdDecoder {
  readonly plan: ModelPlan
  readonly memory: CoreMemory
  readonly maxTokens: number
  readonly maxThreads: number
  /** Those of the last feed. */
  readonly logits: Logits
  /** Where its sequences keep keys and values. */
  readonly pages: KVPages
  /** Sequences as bytes, and back. */
  readonly images: SequenceImages
  readonly #core: CoreExports
  readonly #planAddress: number
  readonly #run: number
  readonly #tokens: number
  #steps: CoreSteps
  #table = { address: 0, capacity: 0 }
  #attentionResults = 0
  #context = 0

  private constructor(core: CoreExports, init: SimdDecoderInit) {
    const { memory, plan, maxTokens = 64, maxThreads = 1 } = init
    this.plan = plan
    this.memory = memory
    this.maxTokens = maxTokens
    this.maxThreads = maxThreads
    this.#core = core
    this.#steps = new OneThread(core)
    this.logits = new Logits(core, memory, plan.vocab)
    this.#planAddress = writePlan(core, memory, plan, init.files)
    core.prepare(this.#planAddress)
    this.pages = new KVPages(memory, core.pageBytes(this.#planAddress) >>> 0)
    const shape = new PageShape({ ...plan, layers: plan.layers.length })
    this.images = new SequenceImages(memory, this.pages, shape, Number(core.NUMERICS_VERSION.value), plan.context)
    const scratchBytes = core.scratchBytes(this.#planAddress, maxTokens, maxThreads) >>> 0
    this.#run = memory.allocate(runBytes)
    this.#tokens = memory.allocate(4 * maxTokens)
    this.#write(0, 0)
    core.placeScratch(this.#run, memory.allocate(scratchBytes, 64), maxTokens, maxThreads)
  }

  /** @throws LLMError `out-of-memory`, or `session-failed` where the core cannot start. */
  static async create(init: SimdDecoderInit): Promise<SimdDecoder> {
    // With one thread there is nobody to wait for.
    const core = await init.core.instantiate(init.memory, () => undefined)
    return new SimdDecoder(core, init)
  }

  /** Threads that steps run on. */
  get threads(): number {
    return this.#steps.threads
  }

  /** Version of the core's arithmetic: the same tokens give the same bits for as long as it stays. */
  get numericsVersion(): number {
    return this.#core.NUMERICS_VERSION.value as number
  }

  /** Bytes of the core's memory. */
  get memoryBytes(): number {
    return this.memory.byteLength
  }

  /** Lets steps run elsewhere from now on: a pool of at most `maxThreads` threads on the same memory. Default: here. */
  useSteps(steps: CoreSteps = new OneThread(this.#core)): void {
    if (steps.threads > this.maxThreads) throw new RangeError(`The scratch is for ${this.maxThreads} threads`)
    this.#steps.dispose()
    this.#steps = steps
  }

  /** An empty sequence. */
  sequence(): Sequence {
    return this.pages.sequence()
  }

  /**
   * Appends tokens to a sequence, `maxTokens` in a pass.
   * @returns float32 `[logits, vocab]` of the last tokens, in the core's memory: valid, and free to be
   *   changed, until the next call.
   * @throws LLMError `context-overflow`, `out-of-memory`, `invalid-request` for ids outside of the vocabulary.
   *   The sequence is as before then.
   */
  feed(sequence: Sequence, tokens: readonly number[], options: FeedOptions = {}): Float32Array {
    const steps = this.feedInSteps(sequence, tokens, options)
    for (;;) {
      const { done, value } = steps.next()
      if (done) return value
    }
  }

  /**
   * The same with a pause before every layer. Who does not go on leaves the sequence as it was;
   * until then nothing else may be fed.
   */
  *feedInSteps(sequence: Sequence, tokens: readonly number[], options: FeedOptions = {}): Generator<void, Float32Array> {
    const wanted = Math.min(options.logits ?? 1, tokens.length)
    if (wanted > this.maxTokens) throw new RangeError(`Logits of at most ${this.maxTokens} tokens can be had at once`)
    this.#check(sequence, tokens)
    const before = sequence.length
    let isWhole = false
    try {
      // The wanted logits come from the last pass, so that it must have that many tokens.
      const last = Math.max(wanted, ((tokens.length - 1) % this.maxTokens) + 1)
      for (let start = 0; start < tokens.length; ) {
        const left = tokens.length - start
        const count = left <= this.maxTokens ? left : Math.min(this.maxTokens, left - last)
        yield* this.#pass(sequence, tokens.slice(start, start + count), start + count === tokens.length ? wanted : 0)
        start += count
      }
      isWhole = true
    } finally {
      if (!isWhole) sequence.truncate(before)
    }
    return this.logits.view(wanted)
  }

  /** Ends the threads. The memory goes with the object. */
  dispose(): void {
    this.#steps.dispose()
  }

  *#pass(sequence: Sequence, tokens: readonly number[], wanted: number): Generator<void, void> {
    const past = sequence.length
    this.#makeRoom(past + tokens.length, wanted)
    sequence.reserve(tokens.length)
    this.memory.integers(this.#tokens, tokens.length).set(tokens)
    this.memory.integers(this.#table.address, sequence.pages.length).set(sequence.pages)
    this.#write(tokens.length, past)
    this.#steps.begin(this.#run)
    for (let layer = 0; layer < this.plan.layers.length; layer++) {
      yield
      this.#steps.layer(this.#run, layer)
    }
    if (wanted > 0) this.#steps.logits(this.#run, tokens.length - wanted, wanted)
    sequence.advance(tokens.length)
  }

  #check(sequence: Sequence, tokens: readonly number[]): void {
    if (sequence.length + tokens.length > this.plan.context) {
      throw new LLMError({
        code: 'context-overflow',
        subject: 'tokens',
        message: `The model holds ${this.plan.context} tokens, and there are ${sequence.length + tokens.length}. Shorten the conversation.`,
      })
    }
    const wrong = tokens.find((token) => !Number.isInteger(token) || token < 0 || token >= this.plan.embedding.rows)
    if (wrong !== undefined || tokens.length === 0) {
      throw new LLMError({
        code: 'invalid-request',
        subject: 'tokens',
        message: tokens.length === 0 ? 'There are no tokens to feed.' : `${wrong} is no token of this model.`,
      })
    }
  }

  // What is outgrown stays in the arena; doubling keeps that below what is in use.
  #makeRoom(context: number, rows: number): void {
    if (context > this.#context) {
      const room = Math.min(this.plan.context, Math.max(FIRST_CONTEXT, 2 * this.#context, context))
      if (this.maxThreads > 1) {
        this.#attentionResults = this.memory.allocate(this.#core.attentionBytes(this.#planAddress, room) >>> 0, 64)
      }
      const capacity = Math.ceil(room / PAGE_TOKENS)
      this.#table = { address: this.memory.allocate(4 * capacity), capacity }
      this.#context = room
    }
    this.logits.reserve(rows)
  }

  #write(count: number, past: number): void {
    writeStruct(this.memory.memory.buffer, this.#run, runStruct, {
      plan: this.#planAddress,
      tokens: this.#tokens,
      count,
      past,
      pages: this.#table.address,
      logits: this.logits.address,
      attentionResults: this.#attentionResults,
    })
  }
}
