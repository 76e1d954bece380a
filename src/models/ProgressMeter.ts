import type { LoadPhase, LoadProgress } from './types.js'

/** How a {@link ProgressMeter} reports. */
export interface MeterOptions {
  onProgress: ((progress: LoadProgress) => void) | undefined
  /** Milliseconds since any fixed moment. Default `performance.now`. */
  now?: () => number
}

interface FileCount {
  size: number | undefined
  loaded: number
  /** Its final size is known: told by a server, or all of it is there. */
  settled: boolean
}

const shortestPause = 50
const rateWindow = 250
const rateSmoothing = 0.3

/**
 * One bar over all files of a load. The fraction stays 0 until every planned file's size is known,
 * because a bar that starts early has to jump back; from there it only grows.
 */
export class ProgressMeter {
  readonly #onProgress: MeterOptions['onProgress']
  readonly #now: () => number
  readonly #files = new Map<string, FileCount>()
  #phase: LoadPhase = 'resolving'
  #file: string | undefined
  #fraction = 0
  #loaded = 0
  #lastReport = -Infinity
  #rate = 0
  #rateStart: number | undefined
  #rateBytes = 0

  constructor(options: MeterOptions) {
    this.#onProgress = options.onProgress
    this.#now = options.now ?? (() => performance.now())
  }

  /** Moves on to a phase and reports it. */
  enter(phase: LoadPhase): void {
    this.#phase = phase
    this.#report(true)
  }

  /** Announces files, so that the bar waits for their sizes. */
  plan(paths: Iterable<string>): void {
    for (const path of paths) {
      if (!this.#files.has(path)) this.#files.set(path, { size: undefined, loaded: 0, settled: false })
    }
  }

  /** Tells a file's size; undefined when nobody knows it before the end. */
  expect(path: string, size: number | undefined): void {
    const file = this.#count(path)
    if (size === undefined) return
    file.size = size
    file.settled = true
  }

  /** Counts bytes that came over the network (`true`) or out of storage (`false`). */
  advance(path: string, bytes: number, fromNetwork: boolean): void {
    this.#count(path).loaded += bytes
    this.#file = path
    if (fromNetwork) this.#measure(bytes)
    this.#report(false)
  }

  /** Counts, at once, what an earlier attempt left. */
  resume(path: string, bytes: number): void {
    this.#count(path).loaded += bytes
    this.#file = path
    this.#report(true)
  }

  /** Reports how far another tab's download of the same files is. */
  follow(progress: LoadProgress): void {
    this.#fraction = Math.max(this.#fraction, progress.fraction)
    this.#loaded = Math.max(this.#loaded, progress.loaded)
    this.#onProgress?.({ ...progress, fraction: this.#fraction, loaded: this.#loaded, total: Math.max(progress.total, this.#loaded) })
  }

  /** Nothing flows for now: no rate, no time left. */
  pause(): void {
    this.#rate = 0
    this.#rateStart = undefined
    this.#rateBytes = 0
    this.#report(true)
  }

  /** A file is complete. */
  complete(path: string): void {
    const file = this.#count(path)
    file.size = file.loaded
    file.settled = true
    this.#report(false)
  }

  /** A file is fetched anew; the bar waits where it is until the file has caught up. */
  restart(path: string): void {
    this.#files.set(path, { size: undefined, loaded: 0, settled: false })
  }

  /** A planned file turned out not to exist or not to be needed. */
  drop(path: string): void {
    this.#files.delete(path)
  }

  /** All files are there: reports the full bar. */
  finish(phase: LoadPhase): void {
    for (const path of this.#files.keys()) this.complete(path)
    this.#file = undefined
    this.#rate = 0
    this.enter(phase)
  }

  #count(path: string): FileCount {
    this.plan([path])
    return this.#files.get(path) as FileCount
  }

  #measure(bytes: number): void {
    const now = this.#now()
    this.#rateStart ??= now
    this.#rateBytes += bytes
    const elapsed = now - this.#rateStart
    if (elapsed < rateWindow) return
    const rate = (this.#rateBytes / elapsed) * 1000
    this.#rate = this.#rate === 0 ? rate : this.#rate + rateSmoothing * (rate - this.#rate)
    this.#rateStart = now
    this.#rateBytes = 0
  }

  #report(always: boolean): void {
    const now = this.#now()
    if (!this.#onProgress || (!always && now - this.#lastReport < shortestPause)) return
    this.#lastReport = now
    this.#onProgress(this.#progress())
  }

  #progress(): LoadProgress {
    let loaded = 0
    let total = 0
    let settled = this.#files.size > 0
    for (const file of this.#files.values()) {
      loaded += file.loaded
      total += Math.max(file.size ?? 0, file.loaded)
      settled &&= file.settled
    }
    if (settled) this.#fraction = Math.max(this.#fraction, total === 0 ? 1 : loaded / total)
    this.#loaded = Math.max(this.#loaded, loaded)
    return {
      phase: this.#phase,
      loaded: this.#loaded,
      total: Math.max(total, this.#loaded),
      fraction: this.#fraction,
      bytesPerSecond: Math.round(this.#rate),
      etaSeconds: settled && this.#rate > 0 ? (total - loaded) / this.#rate : undefined,
      file: this.#file,
    }
  }
}
