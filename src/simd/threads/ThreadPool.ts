import type { CoreExports, CoreModule } from '../CoreModule.js'
import type { CoreMemory } from '../CoreMemory.js'
import type { CoreSteps } from '../CoreSteps.js'
import { CONTROL_BYTES, ThreadControl, type Job } from './ThreadControl.js'
import type { ThreadInit } from './runThread.js'

/** A started thread. */
export interface Thread {
  /** Ends it, whatever it does. */
  terminate(): void
  /**
   * Whether it has ended by itself, as far as can be known without a turn of the event loop: it is
   * asked while this thread waits for the others. Left out: nobody can know.
   */
  hasEnded?(): boolean
}

/**
 * Starts a thread that calls `runThread`, and resolves when it is ready.
 * Rejects where it cannot start; it must not wait for ever.
 */
export type SpawnThread = (init: ThreadInit) => Promise<Thread>

/** Runs the core's steps on several threads; the caller is one of them. */
export class ThreadPool implements CoreSteps {
  readonly #core: CoreExports
  readonly #control: ThreadControl
  readonly #others: Thread[]
  readonly #spawn: (index: number) => Promise<Thread>
  /** Why it can have no more threads than it has. */
  #problem: { cause: unknown } | undefined

  private constructor(core: CoreExports, control: ThreadControl, others: Thread[], spawn: (index: number) => Promise<Thread>) {
    this.#core = core
    this.#control = control
    this.#others = others
    this.#spawn = spawn
  }

  /**
   * @param memory a shared one.
   * @param threads 2 and up, the caller included.
   */
  static async start(core: CoreModule, memory: CoreMemory, threads: number, spawn: SpawnThread): Promise<ThreadPool> {
    const address = memory.allocate(CONTROL_BYTES, CONTROL_BYTES)
    const others: Thread[] = []
    const control = new ThreadControl(memory.memory, address, 1, { isLost: () => others.some((thread) => thread.hasEnded?.()) })
    const exports = await core.instantiate(memory, () => control.meet())
    const spawnOne = (index: number) => spawn({ module: core.module, memory: memory.memory, control: address, index, seen: control.job })
    const pool = new ThreadPool(exports, control, others, spawnOne)
    await pool.resize(threads)
    return pool
  }

  get threads(): number {
    return this.#control.threads
  }

  /**
   * Starts the threads that are missing, or ends those that are too many; the others stay. Call between steps.
   * Rejects with what `spawn` does, then there are as many as before, and there cannot be more.
   * @param threads 1 and up, the caller included.
   */
  async resize(threads: number): Promise<void> {
    if (threads < this.threads) this.#shrink(threads)
    else if (threads > this.threads) await this.#grow(threads)
  }

  begin(run: number): void {
    this.#all({ step: 'begin', run, first: 0, second: 0 }, () => this.#core.begin(run, 0, this.threads))
  }

  layer(run: number, index: number): void {
    this.#all({ step: 'layer', run, first: index, second: 0 }, () => this.#core.layer(run, index, 0, this.threads))
  }

  logits(run: number, first: number, count: number): void {
    this.#all({ step: 'logits', run, first, second: count }, () => this.#core.logits(run, first, count, 0, this.threads))
  }

  dispose(): void {
    this.#control.threads = 1
    this.#control.give({ step: 'end', run: 0, first: 1, second: 0 })
    for (const thread of this.#others) thread.terminate()
  }

  async #grow(threads: number): Promise<void> {
    if (this.#problem) throw this.#problem.cause
    const before = this.threads
    const indices = Array.from({ length: threads - before }, (_, i) => before + i)
    const started = await Promise.allSettled(indices.map((index) => this.#spawn(index)))
    const failed = started.find((result) => result.status === 'rejected')
    const fresh = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    if (failed) {
      // Ended, they may still live for a while: whoever came next would have the number of one of them.
      for (const thread of fresh) thread.terminate()
      this.#problem = { cause: failed.reason }
      throw failed.reason
    }
    this.#others.push(...fresh)
    this.#control.threads = threads
  }

  #shrink(threads: number): void {
    // All meet once more, so that nobody still looks when the next job is written.
    this.#all({ step: 'end', run: 0, first: threads, second: 0 }, () => undefined)
    for (const thread of this.#others.splice(threads - 1)) thread.terminate()
    this.#control.threads = threads
  }

  #all(job: Job, own: () => void): void {
    this.#control.give(job)
    try {
      own()
      this.#control.meet()
    } catch (error) {
      this.#control.fail()
      throw error
    }
  }
}
