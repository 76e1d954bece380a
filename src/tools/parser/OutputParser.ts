import type { ToolFormat } from '../formats/types.js'
import { cutOffMessage } from './cutOffMessage.js'
import type { CallReader, CallReaderContext, ParserFinishReason, ToolCallParserEvent } from './types.js'

const thinkOpen = '<think>'
const thinkClose = '</think>'

interface OutputParserInit extends Omit<CallReaderContext, 'opening' | 'emit' | 'has'> {
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
  readonly #textMarkers: readonly string[]
  #events: ToolCallParserEvent[] = []
  #reasoning: boolean
  #reader: CallReader | undefined
  /** Characters that may yet become a marker. */
  #held = ''
  /** First half of a surrogate pair at the end of the last piece. */
  #half = ''

  constructor(init: OutputParserInit) {
    const { format, generationPrompt, thinking } = init
    this.#init = init
    this.#textMarkers = [...format.opening, ...format.closing, ...(thinking ? [thinkOpen, thinkClose] : [])]
    this.#reasoning = thinking && generationPrompt.lastIndexOf(thinkOpen) > generationPrompt.lastIndexOf(thinkClose)
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
      this.#read(reader.finish(finishReason).rest)
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
    this.#read(step.rest)
  }

  #readOutside(character: string): void {
    const markers = this.#reasoning ? [thinkClose] : this.#textMarkers
    this.#held += character
    while (this.#held !== '' && !markers.some((marker) => marker.startsWith(this.#held))) {
      this.#emitText(this.#held.charAt(0))
      this.#held = this.#held.slice(1)
    }
    if (markers.includes(this.#held)) {
      const marker = this.#held
      this.#held = ''
      this.#enter(marker)
    }
  }

  #enter(marker: string): void {
    if (marker === thinkOpen || marker === thinkClose) {
      this.#reasoning = marker === thinkOpen
    } else if (this.#init.format.opening.includes(marker)) {
      const { format, names, check, createId } = this.#init
      const emit = (event: ToolCallParserEvent): void => this.#emit(event)
      const has = (name: string): boolean => names.includes(name)
      this.#reader = format.createCallReader({ opening: marker, emit, createId, has, names, check })
    }
  }

  /** What was held at the end is text after all, unless the limit fell into a call's opening marker. */
  #finishHeld(reason: ParserFinishReason): void {
    const held = this.#held
    this.#held = ''
    const cut = reason === 'length' || reason === 'abort'
    if (cut && held.length > 1 && this.#init.format.opening.some((marker) => marker.startsWith(held))) {
      this.#emit({ type: 'tool-error', raw: held, message: cutOffMessage(reason) })
    } else if (held !== '') {
      this.#emitText(held)
    }
  }

  #emitText(text: string): void {
    this.#emit({ type: this.#reasoning ? 'reasoning-delta' : 'text-delta', text })
  }

  #emit(event: ToolCallParserEvent): void {
    const last = this.#events.at(-1)
    if (last?.type === 'text-delta' && event.type === 'text-delta') last.text += event.text
    else if (last?.type === 'reasoning-delta' && event.type === 'reasoning-delta') last.text += event.text
    else if (last?.type === 'tool-input-delta' && event.type === 'tool-input-delta' && last.id === event.id) {
      last.delta += event.delta
    } else this.#events.push(event)
  }
}
