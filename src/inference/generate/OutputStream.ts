import type { ToolCallParser } from '../../tools/index.js'
import type { StopMatcher } from '../sampling/StopMatcher.js'
import type { Detokenizer } from '../tokenizer/Detokenizer.js'
import type { GenerateEvent } from '../types.js'
import type { CallConfidenceMeter } from './CallConfidenceMeter.js'

/** The stages an answer's tokens pass through. */
export interface OutputStages {
  detokenizer: Detokenizer
  stops: StopMatcher
  /** Finds reasoning and tool calls; without one everything is text. */
  parser: ToolCallParser | undefined
  /** Text at the start of the answer that came with the prompt. */
  opening: string
  /** Tells how sure the model was of its calls, where that was asked for. */
  meter?: CallConfidenceMeter | undefined
}

/** From tokens to events: detokenize, look for stop strings, parse tool calls. */
export class OutputStream {
  readonly #stages: OutputStages
  #calls = 0

  constructor(stages: OutputStages) {
    this.#stages = stages
  }

  /** Whether a stop string ended the answer. */
  get stopped(): boolean {
    return this.#stages.stops.stopped
  }

  /** How many tool calls the answer has had, valid or not. */
  get calls(): number {
    return this.#calls
  }

  /** Events that follow from the prompt alone. Call once, first. */
  start(): GenerateEvent[] {
    const { opening, meter } = this.#stages
    if (opening === '') return []
    const events = this.#parse(opening)
    meter?.push(undefined, opening, events)
    return events
  }

  /** Events that token `id` completes. `probability`: what the model gave it; undefined for a forced one. */
  push(id: number, probability?: number): GenerateEvent[] {
    const { detokenizer, stops, meter } = this.#stages
    const text = stops.push(detokenizer.push(id))
    const events = this.#parse(text)
    meter?.push(probability, text, events)
    return events
  }

  /** Events that were held back until the end. */
  finish(reason: 'stop' | 'length'): GenerateEvent[] {
    const { detokenizer, stops, parser, meter } = this.#stages
    const rest = stops.push(detokenizer.finish()) + stops.finish()
    const events = this.#parse(rest)
    if (parser) events.push(...this.#count(parser.finish({ finishReason: reason })))
    meter?.push(undefined, rest, events)
    return events
  }

  #parse(text: string): GenerateEvent[] {
    if (text === '') return []
    const { parser } = this.#stages
    return parser ? this.#count(parser.push(text)) : [{ type: 'text-delta', text }]
  }

  #count(events: GenerateEvent[]): GenerateEvent[] {
    for (const event of events) if (event.type === 'tool-call' || event.type === 'tool-error') this.#calls++
    return events
  }
}
