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
  readonly threads: number
  readonly #core: CoreExports
  readonly #control: ThreadControl
  readonly #others: readonly Thread[]

  private constructor(core: CoreExports, control: ThreadControl, others: readonly Thread[]) {
    this.#core = core
    this.#control = control
    this.#others = others
    this.threads = others.length + 1
  }

  /**
   * @param memory a shared one.
   * @param threads 2 and up, the caller included.
   */
  static async start(core: CoreModule, memory: CoreMemory, threads: number, spawn: SpawnThread): Promise<ThreadPool> {
    const address = memory.allocate(CONTROL_BYTES, CONTROL_BYTES)
    const others: Thread[] = []
    const control = new ThreadControl(memory.memory, address, threads, { isLost: () => others.some((thread) => thread.hasEnded?.()) })
    try {
      // One after the other: Firefox can hang in `new Worker` for good while another worker of this one starts.
      for (let index = 1; index < threads; index++) {
        others.push(await spawn({ module: core.module, memory: memory.memory, control: address, index, threads }))
      }
    } catch (cause) {
      for (const thread of others) thread.terminate()
      throw cause
    }
    return new ThreadPool(await core.instantiate(memory, () => control.meet()), control, others)
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
    this.#control.give({ step: 'end', run: 0, first: 0, second: 0 })
    for (const thread of this.#others) thread.terminate()
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
