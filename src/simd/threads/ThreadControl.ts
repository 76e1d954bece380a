import { LLMError } from '../../errors/index.js'

/** Words of the control block, all int32. */
const word = { job: 0, step: 1, run: 2, first: 3, second: 4, waiting: 5, round: 6, failed: 7, threads: 8 } as const

/** Bytes of a control block; on cache lines of its own. */
export const CONTROL_BYTES = 64

// About 50 µs: longer than steps differ between threads, shorter than a thread's share of a time slice.
const SPINS = 4000
// Threads of one job have like shares of it: what is still away after this, and after the job has taken
// several times as long as this thread's own share, does not come.
const PATIENCE_MS = 5_000
const PATIENCE_FACTOR = 4
// How often a thread that sleeps looks whether the others are still alive.
const LOOK_MS = 100

/** Optional settings of a {@link ThreadControl}. */
interface ThreadControlOptions {
  /** How long a thread waits for the others before it gives them up, at least. Default 5000. */
  patienceMs?: number
  /** Whether a thread is known to have ended, asked while waiting. Default: nobody knows. */
  isLost?: () => boolean
  /** Number of the last job that is not for this thread, which came later. Default 0: the first job is. */
  seen?: number
}

/** What threads are told to do. `end` ends those that the job is not for. */
export interface Job {
  step: 'begin' | 'layer' | 'logits' | 'end'
  run: number
  /** Layer, or first row of logits; of `end`, how many threads go on. */
  first: number
  /** Rows of logits. */
  second: number
}

const steps: readonly Job['step'][] = ['begin', 'layer', 'logits', 'end']

/**
 * How the threads of a pool speak with each other: a few words of the shared memory. Threads meet
 * often and for short, so they look a while before they sleep.
 */
export class ThreadControl {
  readonly #words: Int32Array
  #threads: number
  readonly #patienceMs: number
  readonly #isLost: () => boolean
  #seen: number
  /** When this thread's share of the job began. */
  #began = 0

  /**
   * @param address of {@link CONTROL_BYTES} bytes in `memory`, which is shared and so never moves; zeros before the first job.
   * @param threads how many there are. Those of a job are told with it, so that only thread 0 has to know.
   */
  constructor(memory: WebAssembly.Memory, address: number, threads: number, options: ThreadControlOptions = {}) {
    this.#words = new Int32Array(memory.buffer, address, CONTROL_BYTES / 4)
    this.#threads = threads
    this.#patienceMs = options.patienceMs ?? PATIENCE_MS
    this.#isLost = options.isLost ?? (() => false)
    this.#seen = options.seen ?? 0
  }

  /** Number of the present job. */
  get job(): number {
    return Atomics.load(this.#words, word.job)
  }

  /** Threads of the present job, this one included. */
  get threads(): number {
    return this.#threads
  }

  /** Changes how many threads the next jobs are for. Call from thread 0, between jobs, when new ones wait for theirs. */
  set threads(count: number) {
    this.#threads = count
  }

  /** Hands a job to all threads. Call from thread 0, when the last one is done. */
  give(job: Job): void {
    const words = this.#words
    words[word.step] = steps.indexOf(job.step)
    words[word.run] = job.run
    words[word.first] = job.first
    words[word.second] = job.second
    words[word.threads] = this.#threads
    this.#began = performance.now()
    Atomics.add(words, word.job, 1)
    Atomics.notify(words, word.job)
  }

  /** Waits for the next job, as long as it takes. */
  take(): Job {
    const words = this.#words
    if (!this.#look(word.job, this.#seen)) {
      while (Atomics.load(words, word.job) === this.#seen) Atomics.wait(words, word.job, this.#seen)
    }
    this.#seen = Atomics.load(words, word.job)
    this.#threads = words[word.threads]!
    this.#began = performance.now()
    return { step: steps[words[word.step]!]!, run: words[word.run]!, first: words[word.first]!, second: words[word.second]! }
  }

  /**
   * Returns when all threads have called it.
   * @throws LLMError `session-failed` when one has failed, or does not come.
   */
  meet(): void {
    const words = this.#words
    const round = Atomics.load(words, word.round)
    if (Atomics.add(words, word.waiting, 1) === this.#threads - 1) {
      Atomics.store(words, word.waiting, 0)
      Atomics.add(words, word.round, 1)
      Atomics.notify(words, word.round)
    } else if (!this.#look(word.round, round)) this.#sleep(round)
    if (Atomics.load(words, word.failed) !== 0) throw threadFailed()
  }

  /** Tells the others that this thread is lost, and wakes those who wait for it. */
  fail(): void {
    const words = this.#words
    Atomics.store(words, word.failed, 1)
    Atomics.add(words, word.round, 1)
    Atomics.notify(words, word.round)
  }

  #sleep(round: number): void {
    const patience = Math.max(this.#patienceMs, PATIENCE_FACTOR * (performance.now() - this.#began))
    // Waits are counted, not the clock: a machine that slept has not been waiting.
    for (let waited = 0; Atomics.load(this.#words, word.round) === round; ) {
      if (Atomics.wait(this.#words, word.round, round, LOOK_MS) !== 'timed-out') continue
      waited += LOOK_MS
      if (waited >= patience || this.#isLost()) {
        this.fail()
        throw threadFailed()
      }
    }
  }

  /** Whether the word changes from `value` within a short while. */
  #look(index: number, value: number): boolean {
    for (let i = 0; i < SPINS; i++) if (Atomics.load(this.#words, index) !== value) return true
    return false
  }
}

function threadFailed(): LLMError {
  return new LLMError({
    code: 'session-failed',
    subject: 'threads',
    message: 'A thread of the SIMD core ended or hangs, perhaps for want of memory. Load the model again, or set `threads: 1`.',
    recoverable: true,
  })
}
