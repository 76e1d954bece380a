import { cutOffMessage } from './cutOffMessage.js'
import { DamagedBlock } from './DamagedBlock.js'
import { JSONArgumentsReader } from './JSONArgumentsReader.js'
import { JSONCallsReader, type JSONCallsMarkers } from './JSONCallsReader.js'
import type { CallReader, CallReaderContext, CallReaderEnd, ParserFinishReason } from './types.js'

type Step = 'more' | CallReaderEnd

/**
 * Reads one call behind its marker: the name, in Mistral's later models an id and a marker, then the
 * arguments as JSON. Where JSON follows at once, it is the calls themselves, as earlier models write them.
 */
export class NamedCallReader implements CallReader {
  readonly #context: CallReaderContext
  readonly #markers: JSONCallsMarkers
  /** All that was written, without the marker. */
  #raw = ''
  #next: JSONCallsReader | undefined
  #arguments: JSONArgumentsReader | undefined
  #damage: DamagedBlock | undefined

  constructor(context: CallReaderContext, markers: JSONCallsMarkers) {
    this.#context = context
    this.#markers = markers
  }

  push(character: string): Step {
    if (this.#next !== undefined) return this.#next.push(character)
    if (this.#damage !== undefined) return this.#pushDamaged(character)
    return this.#arguments === undefined ? this.#pushHead(character) : this.#pushArguments(this.#arguments, character)
  }

  finish(reason: ParserFinishReason): CallReaderEnd {
    if (this.#next !== undefined) return this.#next.finish(reason)
    const wasCut = reason === 'length' || reason === 'abort'
    const raw = this.#context.opening + this.#raw
    if (this.#damage !== undefined) {
      this.#fail(wasCut ? cutOffMessage(reason) : syntaxMessage, this.#damage.raw)
      return { rest: '' }
    }
    // A string that never ends has swallowed all that came after the call.
    const swallowed = wasCut ? -1 : raw.indexOf(this.#context.opening, this.#context.opening.length)
    const end = swallowed === -1 ? raw.length : swallowed
    this.#fail(cutOffMessage(reason), raw.slice(0, end))
    return { rest: raw.slice(end) }
  }

  #pushHead(character: string): Step {
    const isFirst = this.#raw.trim() === ''
    if (isFirst && (character === '[' || character === '{')) return this.#readJSON(character)
    const before = this.#raw
    if (character === '{') {
      const name = /^\s*([\w.-]+)\s*(?:\[CALL_ID\]\s*[\w-]*\s*)?(?:\[ARGS\]\s*)?$/.exec(before)?.[1]
      if (name === undefined) return this.#damaged(character)
      this.#arguments = new JSONArgumentsReader(this.#context, name)
      return this.#pushArguments(this.#arguments, character)
    }
    if (!/[\w.\-[\]\s]/.test(character) || before.length > longestHead) return this.#damaged(character)
    this.#raw += character
    const opening = this.#markers.opening.find((marker) => this.#raw.endsWith(marker))
    if (opening === undefined) return 'more'
    this.#fail(syntaxMessage, this.#context.opening + this.#raw.slice(0, -opening.length))
    return { rest: opening }
  }

  #readJSON(character: string): Step {
    this.#next = new JSONCallsReader(this.#context, this.#markers)
    for (const blank of this.#raw) this.#next.push(blank)
    return this.#next.push(character)
  }

  #pushArguments(reader: JSONArgumentsReader, character: string): Step {
    const step = reader.push(character)
    if (step === 'broken') return this.#damaged(character)
    this.#raw += character
    if (step === 'more') return 'more'
    reader.complete(this.#context.opening + this.#raw)
    return { rest: '' }
  }

  #damaged(character: string): Step {
    this.#damage = new DamagedBlock(this.#context.opening + this.#raw, this.#markers)
    return this.#pushDamaged(character)
  }

  #pushDamaged(character: string): Step {
    const end = this.#damage?.push(character)
    if (end === undefined) return 'more'
    this.#fail(syntaxMessage, end.raw)
    return { rest: end.rest }
  }

  #fail(message: string, raw: string): void {
    if (this.#arguments !== undefined) this.#arguments.fail(message, raw)
    else this.#context.emit({ type: 'tool-error', raw, message })
  }
}

/** More than any name and id with their markers, so that words without end do not slow the reader down. */
const longestHead = 256

const syntaxMessage = 'The call cannot be read. Write the tool\'s name, then its arguments as one JSON object.'
