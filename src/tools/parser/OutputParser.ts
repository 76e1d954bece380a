import type { ReasoningMarkers, ToolFormat } from '../formats/types.js'
import { cutOffMessage } from './cutOffMessage.js'
import type { CallReader, CallReaderContext, CallReaderEnd, ParserFinishReason, ToolCallParserEvent } from './types.js'

const thinkTags: ReasoningMarkers = { opening: ['<think>'], closing: ['</think>'] }
const noTags: ReasoningMarkers = { opening: [], closing: [] }

interface OutputParserInit extends Omit<CallReaderContext, 'opening' | 'atStart' | 'emit' | 'has'> {
  format: ToolFormat
  generationPrompt: string
  thinking: boolean
}

/**
 * The one state machine of all formats: text, reasoning, or inside a call, where the format's
 * reader takes over. It steps by character, so that cuts cannot matter.
 */
export class OutputParser {
  readonly #init: OutputParserInit
  readonly #reasoningMarkers: ReasoningMarkers
  /** What may begin inside of text, and before any. */
  readonly #textMarkers: readonly string[]
  readonly #startMarkers: readonly string[]
  /** What may begin inside of reasoning. */
  readonly #thoughtMarkers: readonly string[]
  #events: ToolCallParserEvent[] = []
  #reasoning: boolean
  #reader: CallReader | undefined
  /** Whether there was nothing but blanks and reasoning yet. */
  #atStart = true
  /** Characters that may yet become a marker. */
  #held = ''
  /** First half of a surrogate pair at the end of the last piece. */
  #half = ''

  constructor(init: OutputParserInit) {
    const { format, generationPrompt, thinking } = init
    const reasoning = thinking ? (format.reasoning ?? thinkTags) : noTags
    const sections = [...format.opening, ...(format.headers ?? [])]
    this.#init = init
    this.#reasoningMarkers = reasoning
    this.#startMarkers = [...sections, ...format.closing, ...reasoning.opening, ...reasoning.closing]
    this.#textMarkers = this.#startMarkers.filter((marker) => !format.bareOpening?.includes(marker))
    this.#thoughtMarkers = [...reasoning.closing, ...(reasoning.interruptible ? sections : [])]
    this.#reasoning = lastOf(generationPrompt, reasoning.opening) > lastOf(generationPrompt, reasoning.closing)
    this.#read(format.promptTail?.(generationPrompt) ?? '')
    this.#events = []
    this.#atStart = true
  }

  push(textDelta: string): ToolCallParserEvent[] {
    const text = this.#half + textDelta
    const cut = /[\uD800-\uDBFF]$/.test(text) ? text.length - 1 : text.length
    this.#half = text.slice(cut)
    this.#read(text.slice(0, cut))
    return this.#take()
  }

  finish({ finishReason }: { finishReason: ParserFinishReason }): ToolCallParserEvent[] {
    this.#read(this.#half)
    this.#half = ''
    while (this.#reader !== undefined) {
      const reader = this.#reader
      this.#reader = undefined
      this.#leave(reader.finish(finishReason))
    }
    this.#finishHeld(finishReason)
    return this.#take()
  }

  #take(): ToolCallParserEvent[] {
    const events = this.#events
    this.#events = []
    return events
  }

  #read(text: string): void {
    for (let i = 0; i < text.length; i++) {
      const character = text.charAt(i)
      if (this.#reader === undefined) this.#readOutside(character)
      else this.#readInside(this.#reader, character)
    }
  }

  #readInside(reader: CallReader, character: string): void {
    const step = reader.push(character)
    if (step === 'more') return
    this.#reader = undefined
    this.#leave(step)
  }

  #leave({ text, section, rest }: CallReaderEnd): void {
    if (text !== undefined && text !== '') this.#emitText(text)
    if (section !== undefined) this.#reasoning = section === 'reasoning'
    this.#read(rest)
  }

  #readOutside(character: string): void {
    this.#held += character
    while (this.#held !== '' && !this.#markers.some((marker) => marker.startsWith(this.#held))) {
      this.#emitText(this.#held.charAt(0))
      this.#held = this.#held.slice(1)
    }
    if (this.#markers.includes(this.#held)) {
      const marker = this.#held
      this.#held = ''
      this.#enter(marker)
    }
  }

  get #markers(): readonly string[] {
    if (this.#reasoning) return this.#thoughtMarkers
    return this.#atStart ? this.#startMarkers : this.#textMarkers
  }

  #enter(marker: string): void {
    const { format, names, schema, check, createId } = this.#init
    if (format.opening.includes(marker) || format.headers?.includes(marker)) {
      const emit = (event: ToolCallParserEvent): void => this.#emit(event)
      const has = (name: string): boolean => names.includes(name)
      this.#reader = format.createCallReader({ opening: marker, atStart: this.#atStart, emit, createId, has, names, schema, check })
    } else if (this.#reasoningMarkers.opening.includes(marker)) this.#reasoning = true
    else if (this.#reasoningMarkers.closing.includes(marker)) this.#reasoning = false
  }

  /** What was held at the end is text after all, unless the limit fell into a marker. */
  #finishHeld(reason: ParserFinishReason): void {
    const held = this.#held
    this.#held = ''
    if (held === '') return
    const { opening, headers = [] } = this.#init.format
    const wasCut = (reason === 'length' || reason === 'abort') && held.length > 1
    const mayBegin = (markers: readonly string[]): boolean => markers.some((marker) => marker.startsWith(held))
    if (wasCut && mayBegin(opening)) this.#emit({ type: 'tool-error', raw: held, message: cutOffMessage(reason) })
    else if (!wasCut || !mayBegin(headers)) this.#emitText(held)
  }

  #emitText(text: string): void {
    this.#emit({ type: this.#reasoning ? 'reasoning-delta' : 'text-delta', text })
  }

  #emit(event: ToolCallParserEvent): void {
    if (event.type !== 'reasoning-delta' && (event.type !== 'text-delta' || event.text.trim() !== '')) this.#atStart = false
    const last = this.#events.at(-1)
    if (last?.type === 'text-delta' && event.type === 'text-delta') last.text += event.text
    else if (last?.type === 'reasoning-delta' && event.type === 'reasoning-delta') last.text += event.text
    else if (last?.type === 'tool-input-delta' && event.type === 'tool-input-delta' && last.id === event.id) {
      last.delta += event.delta
    } else this.#events.push(event)
  }
}

function lastOf(text: string, markers: readonly string[]): number {
  return Math.max(-1, ...markers.map((marker) => text.lastIndexOf(marker)))
}
