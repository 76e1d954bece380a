import type { CoreExports } from './CoreModule.js'

/**
 * Runs the core's steps on all threads and returns when all are done. A pool of threads implements
 * it too: its caller is thread 0 and works like the others.
 */
export interface CoreSteps {
  readonly threads: number
  begin(run: number): void
  layer(run: number, index: number): void
  logits(run: number, first: number, count: number): void
  /** Ends the other threads. */
  dispose(): void
}

/** The steps on the calling thread alone. */
export class OneThread implements CoreSteps {
  readonly threads = 1
  readonly #core: CoreExports

  constructor(core: CoreExports) {
    this.#core = core
  }

  begin(run: number): void {
    this.#core.begin(run, 0, 1)
  }

  layer(run: number, index: number): void {
    this.#core.layer(run, index, 0, 1)
  }

  logits(run: number, first: number, count: number): void {
    this.#core.logits(run, first, count, 0, 1)
  }

  dispose(): void {
    // There is nothing beside the calling thread.
  }
}
