/** Most milliseconds that a probe takes, all in all. A pass that has begun is not cut. */
const PROBE_BUDGET_MS = 300

/** The time that a probe may take, and how it reads the clock. */
export class ProbeClock {
  readonly #now: () => number
  readonly #end: number

  /** @param now milliseconds. */
  constructor(now: () => number = () => performance.now(), budgetMs = PROBE_BUDGET_MS) {
    this.#now = now
    this.#end = now() + budgetMs
  }

  get isOver(): boolean {
    return this.#now() >= this.#end
  }

  /** Milliseconds that `work` takes. */
  async time(work: () => unknown): Promise<number> {
    const started = this.#now()
    await work()
    return this.#now() - started
  }
}
