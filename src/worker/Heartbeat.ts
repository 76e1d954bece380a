import type { AbortProbe } from '../inference/index.js'
import type { LoadProgress } from '../models/index.js'

const BEAT_MS = 1000

/** How long a runtime may take to start: longest where its WebAssembly comes over a slow network. */
const START_MS = 600_000

/**
 * Beats on a port while a load waits, so that the page can tell a slow server from a hang. Not while the model warms up:
 * then only the end of it is a sign.
 */
export class LoadHeartbeat {
  readonly #port: MessagePort
  readonly #timer: ReturnType<typeof setInterval>
  #phase: LoadProgress['phase'] = 'resolving'
  #since = performance.now()

  constructor(port: MessagePort) {
    this.#port = port
    this.#timer = setInterval(() => this.#beat(), BEAT_MS)
  }

  /** Hears how far the load is. */
  hear({ phase }: LoadProgress): void {
    if (phase === this.#phase) return
    this.#phase = phase
    this.#since = performance.now()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #beat(): void {
    const isStuck = this.#phase === 'loading' && performance.now() - this.#since > START_MS
    if (this.#phase !== 'warming-up' && !isStuck) this.#port.postMessage(null)
  }
}

/** `probe`, which beats on a port when it is asked, once a second at most: between two steps the event loop may not turn. */
export function beatingProbe(probe: AbortProbe, port: MessagePort): AbortProbe {
  let last = performance.now()
  return {
    check() {
      const now = performance.now()
      if (now - last >= BEAT_MS) {
        last = now
        port.postMessage(null)
      }
      return probe.check()
    },
  }
}
