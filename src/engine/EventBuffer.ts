import type { GenerateEvent } from '../inference/types.js'

/**
 * Events on their way to one consumer. A consumer that is slower than the model finds adjacent
 * deltas joined, so what waits stays small.
 */
export class EventBuffer {
  #events: GenerateEvent[] = []
  #wake: (() => void) | undefined
  #failed = false
  #error: unknown

  push(events: readonly GenerateEvent[]): void {
    for (const event of events) {
      const joined = join(this.#events.at(-1), event)
      if (joined) this.#events[this.#events.length - 1] = joined
      else this.#events.push(event)
    }
    this.#wake?.()
  }

  /** Makes the iteration throw `error` after the events that wait. */
  fail(error: unknown): void {
    this.#failed = true
    this.#error = error
    this.#wake?.()
  }

  /** All events up to and with the first `finish`. */
  async *drain(): AsyncGenerator<GenerateEvent, void, undefined> {
    for (;;) {
      const event = this.#events.shift()
      if (event) {
        yield event
        if (event.type === 'finish') return
      } else if (this.#failed) {
        throw this.#error
      } else {
        await new Promise<void>((resolve) => (this.#wake = resolve))
      }
    }
  }
}

function join(last: GenerateEvent | undefined, next: GenerateEvent): GenerateEvent | undefined {
  if (last?.type === 'text-delta' && next.type === 'text-delta') return { ...last, text: last.text + next.text }
  if (last?.type === 'reasoning-delta' && next.type === 'reasoning-delta') return { ...last, text: last.text + next.text }
  if (last?.type === 'tool-input-delta' && next.type === 'tool-input-delta' && last.id === next.id) {
    return { ...last, delta: last.delta + next.delta }
  }
  return undefined
}
