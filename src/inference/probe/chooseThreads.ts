import { measurePass } from './measurePass.js'
import type { ProbeClock } from './ProbeClock.js'

/** How long a token takes on so many threads. */
export interface ThreadTime {
  threads: number
  msPerToken: number
}

/** A decoder whose number of threads can be set. */
export interface Threaded {
  /** Rejects where so many cannot be started; then there are as many as before. */
  setThreads(count: number): Promise<void>
  /** Runs one token. */
  pass(): unknown
}

/** More threads take more of the device, so they have to be worth it. */
const WORTH = 0.95

/**
 * Sets the number of threads that is fastest, trying 1, 2, 4 … up to `most` for as long as more are faster. Cores may
 * be slower than others, or busy.
 * @returns what was measured, and why there are fewer threads than wanted, if some could not be started.
 */
export async function chooseThreads(decoder: Threaded, most: number, clock: ProbeClock): Promise<{ times: ThreadTime[]; problem?: unknown }> {
  const times: ThreadTime[] = []
  let best: ThreadTime = { threads: 1, msPerToken: await measurePass(() => decoder.pass(), clock) }
  times.push(best)
  for (let threads = Math.min(2, most); threads > best.threads; threads = Math.min(2 * threads, most)) {
    // Slow devices are those that need threads most.
    if (clock.isOver && threads > 2) break
    try {
      await decoder.setThreads(threads)
    } catch (problem) {
      return { times, problem }
    }
    const time = { threads, msPerToken: await measurePass(() => decoder.pass(), clock) }
    times.push(time)
    if (time.msPerToken > WORTH * best.msPerToken) {
      await decoder.setThreads(best.threads)
      break
    }
    best = time
  }
  return { times }
}
