/**
 * Finds stop strings in text that arrives in pieces. Holds back only what may be the beginning
 * of a stop string; everything else passes at once.
 */
export class StopMatcher {
  readonly #stops: readonly string[]
  #held = ''
  #stopped = false

  /** Empty strings are ignored. */
  constructor(stops: readonly string[]) {
    this.#stops = stops.filter((stop) => stop !== '')
  }

  /** Whether a stop string was found. Nothing passes after it. */
  get stopped(): boolean {
    return this.#stopped
  }

  /** The part of the text so far that is certain to come before any stop string. */
  push(text: string): string {
    if (this.#stopped) return ''
    if (this.#stops.length === 0) return text
    const pending = this.#held + text
    const end = this.#firstStop(pending)
    if (end !== -1) {
      this.#stopped = true
      this.#held = ''
      return pending.slice(0, end)
    }
    const safe = pending.length - this.#possiblePrefix(pending)
    this.#held = pending.slice(safe)
    return pending.slice(0, safe)
  }

  /** What was held back, when the text is over. */
  finish(): string {
    const rest = this.#held
    this.#held = ''
    return rest
  }

  #firstStop(text: string): number {
    let first = -1
    for (const stop of this.#stops) {
      const at = text.indexOf(stop)
      if (at !== -1 && (first === -1 || at < first)) first = at
    }
    return first
  }

  #possiblePrefix(text: string): number {
    let longest = 0
    for (const stop of this.#stops) {
      for (let length = Math.min(stop.length - 1, text.length); length > longest; length--) {
        if (text.endsWith(stop.slice(0, length))) {
          longest = length
          break
        }
      }
    }
    return longest
  }
}
