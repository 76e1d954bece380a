import type { LLMError } from '../errors/index.js'
import type { LoadProgress, LoadWarning } from '../models/index.js'

/** Puts warnings into the reports of progress, which is how they cross from the worker. */
export class LoadReports {
  readonly #report: (progress: LoadProgress) => void
  #warnings: readonly LoadWarning[] = []
  #latest: LoadProgress | undefined

  constructor(report: (progress: LoadProgress) => void) {
    this.#report = report
  }

  onProgress = (progress: LoadProgress): void => {
    this.#latest = this.#warnings.length > 0 ? { ...progress, warnings: this.#warnings } : progress
    this.#report(this.#latest)
  }

  onWarning = ({ code, message, subject }: LLMError): void => {
    this.#warnings = [...this.#warnings, { code, message, subject }]
    if (this.#latest) this.onProgress(this.#latest)
  }
}
