import type { CallConfidence, GenerateEvent } from '../types.js'
import { valueSpans } from './valueSpans.js'

/** A stretch of text and the probabilities of the tokens that it took. */
interface Stretch {
  start: number
  end: number
  probabilities: readonly number[]
}

/** Longest text that is kept for finding a call's name in it. */
const MEMORY = 512

/**
 * Finds out how sure the model was of its calls: follows the answer's text and the parser's events and
 * puts a {@link CallConfidence} on each `tool-call`. Tokens that a grammar forced were no choice of the
 * model's and do not count; what consists of such tokens alone has confidence 1.
 */
export class CallConfidenceMeter {
  #text = new StretchedText()
  #input = new StretchedText()
  #name = 1
  /** Probabilities of tokens whose text has not shown yet. */
  #waitingForText: number[] = []
  #waitingForInput: number[] = []

  /**
   * Takes one token.
   * @param probability undefined for a forced one.
   * @param text what it added to the answer's text.
   * @param events what followed from that; calls among them are given their confidence.
   */
  push(probability: number | undefined, text: string, events: GenerateEvent[]): void {
    if (probability !== undefined) {
      this.#waitingForText.push(probability)
      this.#waitingForInput.push(probability)
    }
    if (text !== '') {
      this.#text.add(text, this.#waitingForText)
      this.#waitingForText = []
      if (this.#text.length > 2 * MEMORY) this.#text = this.#text.tail(MEMORY)
    }
    for (const event of events) {
      if (event.type === 'tool-input-start') this.#startCall(event.name, probability)
      else if (event.type === 'tool-input-delta') this.#addInput(event.delta)
      else if (event.type === 'tool-call') event.confidence = this.#confidence()
    }
  }

  #startCall(name: string, probability: number | undefined): void {
    const start = this.#text.text.lastIndexOf(name)
    this.#name = start === -1 ? 1 : this.#text.mean(start, start + name.length)
    this.#input = new StretchedText()
    // The token that ended the name may have begun the arguments.
    this.#waitingForInput = probability === undefined ? [] : [probability]
  }

  #addInput(delta: string): void {
    this.#input.add(delta, this.#waitingForInput)
    this.#waitingForInput = []
  }

  #confidence(): CallConfidence {
    const spans = valueSpans(this.#input.text)
    const values = [...spans].map(([key, { start, end }]) => [key, this.#input.mean(start, end)])
    return { name: this.#name, arguments: Object.fromEntries(values) as Record<string, number> }
  }
}

/** A text that knows how probable each stretch of it was. */
class StretchedText {
  text = ''
  #stretches: Stretch[] = []

  get length(): number {
    return this.text.length
  }

  add(text: string, probabilities: readonly number[]): void {
    const start = this.text.length
    this.text += text
    this.#stretches.push({ start, end: this.text.length, probabilities })
  }

  /** Mean probability of the tokens that wrote from `start` to `end`; 1 where none of them was a choice. */
  mean(start: number, end: number): number {
    const all = this.#stretches.flatMap((stretch) =>
      stretch.start < end && stretch.end > start ? stretch.probabilities : [],
    )
    return all.length === 0 ? 1 : all.reduce((sum, each) => sum + each, 0) / all.length
  }

  /** The end of it. */
  tail(length: number): StretchedText {
    const from = this.text.length - length
    const tail = new StretchedText()
    for (const { start, end, probabilities } of this.#stretches) {
      if (end > from) tail.add(this.text.slice(Math.max(start, from), end), probabilities)
    }
    return tail
  }
}
