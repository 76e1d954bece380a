/** When a worker counts as hanging. */
export interface WatchdogInit {
  /** Milliseconds without a sign; 0: never. Default {@link HANG_MS}. */
  limitMs?: number | undefined
  /** Whether the page is in the background, where workers may get next to no time. Default: never. */
  isHidden?: (() => boolean) | undefined
}

/** Far more than one run of a model that is of use takes, on any device. */
export const HANG_MS = 180_000

/** Most milliseconds that a worker may take to notice that it was told to stop. */
const STOP_MS = 30_000

const CHECKS = 20
const LONGEST_PAUSE_MS = 5000
/** By how much timers are late on a page that is merely busy. */
const LATE_MS = 1000

/**
 * Calls back when something that is under way gives no sign for too long. It counts its own checks and not the time: on
 * a page that was frozen, asleep, throttled or blocked they come late, and then it begins anew.
 */
export class Watchdog {
  readonly #limitMs: number
  readonly #isHidden: () => boolean
  readonly #onHang: (silentMs: number) => void
  #timer: ReturnType<typeof setInterval> | undefined
  #silentChecks = 0

  constructor({ limitMs = HANG_MS, isHidden = () => false }: WatchdogInit, onHang: (silentMs: number) => void) {
    this.#limitMs = limitMs
    this.#isHidden = isHidden
    this.#onHang = onHang
  }

  /** From now on there have to be signs. */
  start(): void {
    this.#watch(this.#limitMs)
  }

  /** From now on it should not take long: what is under way was called off. */
  hurry(): void {
    this.#watch(Math.min(this.#limitMs, STOP_MS))
  }

  /** It is getting on. */
  sign(): void {
    this.#silentChecks = 0
  }

  /** Nothing is under way. */
  stop(): void {
    clearInterval(this.#timer)
  }

  #watch(limitMs: number): void {
    this.stop()
    this.#silentChecks = 0
    if (limitMs === 0) return
    const pauseMs = Math.min(LONGEST_PAUSE_MS, limitMs / CHECKS)
    let last = performance.now()
    this.#timer = setInterval(() => {
      const now = performance.now()
      const isLate = now - last > 2 * pauseMs + LATE_MS
      last = now
      this.#silentChecks = isLate || this.#isHidden() ? 0 : this.#silentChecks + 1
      if (this.#silentChecks * pauseMs < limitMs) return
      this.stop()
      this.#onHang(limitMs)
    }, pauseMs)
  }
}
