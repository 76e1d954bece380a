import { loadAborted } from './engineErrors.js'
import type { LoadedSession } from './loadModel.js'

/** One load that several callers wait for. It is given up when the last of them has lost interest. */
export class SharedLoad {
  readonly #controller = new AbortController()
  readonly #result: Promise<LoadedSession>
  #waiting = 0

  /** Starts `load` at once. */
  constructor(load: (signal: AbortSignal) => Promise<LoadedSession>) {
    this.#result = load(this.#controller.signal)
    this.#result.catch(() => undefined)
  }

  /** Whether it was given up. */
  get aborted(): boolean {
    return this.#controller.signal.aborted
  }

  /** The result, for one more caller. Rejects with `load-aborted` as soon as `signal` aborts. */
  async join(signal: AbortSignal | undefined): Promise<LoadedSession> {
    this.#waiting++
    let leave: (() => void) | undefined
    try {
      return await new Promise<LoadedSession>((resolve, reject) => {
        leave = () => reject(loadAborted())
        signal?.addEventListener('abort', leave)
        if (signal?.aborted) leave()
        this.#controller.signal.addEventListener('abort', leave)
        this.#result.then(resolve, reject)
      })
    } finally {
      if (leave) {
        signal?.removeEventListener('abort', leave)
        this.#controller.signal.removeEventListener('abort', leave)
      }
      this.#waiting--
      if (this.#waiting === 0 && signal?.aborted) this.abort()
    }
  }

  /** Gives up, for all callers. */
  abort(): void {
    this.#controller.abort()
  }
}
