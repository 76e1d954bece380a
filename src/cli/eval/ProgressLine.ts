import type { CommandOutput } from '../types.js'

/** Milliseconds between two lines where none can be written anew. */
const lineEvery = 10_000

/** How far a run is and how long it will take, on one line of a terminal, or a line now and then elsewhere. */
export class ProgressLine {
  readonly #output: CommandOutput
  readonly #total: number
  readonly #startedAt = performance.now()
  #done = 0
  #saidAt = performance.now()

  constructor(output: CommandOutput, total: number) {
    this.#output = output
    this.#total = total
  }

  /** One more is done. */
  step(): void {
    this.#done++
    const now = performance.now()
    const isLast = this.#done === this.#total
    if (!this.#output.isTerminal && !isLast && now - this.#saidAt < lineEvery) return
    this.#saidAt = now
    const each = (now - this.#startedAt) / this.#done
    const left = isLast ? `took ${duration(now - this.#startedAt)}` : `${duration(each * (this.#total - this.#done))} left`
    const text = `${this.#done} of ${this.#total} cases, ${(1000 / each).toFixed(1)} a second, ${left}`
    if (this.#output.isTerminal) this.#output.err(`\r\u001b[K${text}${isLast ? '\n' : ''}`)
    else this.#output.err(`${text}\n`)
  }
}

function duration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}
