import { CallObjectReader } from './CallObjectReader.js'
import { cutOffMessage } from './cutOffMessage.js'
import { DamagedBlock } from './DamagedBlock.js'
import type { CallReader, CallReaderContext, CallReaderEnd, ParserFinishReason } from './types.js'

type Step = 'more' | CallReaderEnd

/** The strings around the calls of a {@link JSONCallsReader}. */
export interface JSONCallsMarkers {
  /** Markers that open a block. Without one of them before it, an object has to show that it is a call. */
  opening: readonly string[]
  /** Markers that end one, where a model writes them. */
  closing: readonly string[]
}

/**
 * Reads JSON calls that nothing has to close: an object, several with commas or semicolons between,
 * or a list of them.
 */
export class JSONCallsReader implements CallReader {
  readonly #context: CallReaderContext
  readonly #markers: JSONCallsMarkers
  /** Whether nothing but its keys tells that an object is a call. */
  readonly #bare: boolean
  /** The marker before the calls. */
  readonly #marker: string
  #object: CallObjectReader | undefined
  /** Whether a bare object may still turn out to be none of our calls. */
  #undecided = false
  #list = false
  #calls = 0
  /** The call as it was written. */
  #raw = ''
  /** What was written since the last call, or since the marker. */
  #gap = ''
  #damage: DamagedBlock | undefined

  constructor(context: CallReaderContext, markers: JSONCallsMarkers) {
    this.#context = context
    this.#markers = markers
    this.#bare = !markers.opening.includes(context.opening)
    this.#marker = this.#bare ? '' : context.opening
    if (this.#bare) this.#begin(context.opening)
  }

  push(character: string): Step {
    if (this.#damage !== undefined) return this.#pushDamaged(character)
    if (this.#object !== undefined) return this.#pushInside(this.#object, character)
    return this.#pushBetween(character)
  }

  finish(reason: ParserFinishReason): CallReaderEnd {
    const wasCut = reason === 'length' || reason === 'abort'
    if (this.#damage !== undefined) {
      this.#fail(wasCut ? cutOffMessage(reason) : syntaxMessage, this.#damage.raw)
      return { rest: '' }
    }
    if (this.#object === undefined) {
      if (this.#calls > 0) return { rest: this.#list ? '' : this.#gap.replace(separators, '') }
      this.#fail(wasCut ? cutOffMessage(reason) : 'There is no call behind the marker.', this.#marker + this.#gap)
      return { rest: '' }
    }
    if (this.#undecided && !(wasCut && (this.#calls > 0 || this.#raw.length > 1))) return this.#decline()
    // A string that never ends has swallowed all that came after the call.
    const raw = this.#marker + this.#raw
    const swallowed = wasCut ? -1 : firstOf(raw, this.#markers.opening, this.#marker.length)
    const end = swallowed === -1 ? raw.length : swallowed
    this.#fail(cutOffMessage(reason), raw.slice(0, end))
    return { rest: raw.slice(end) }
  }

  #pushBetween(character: string): Step {
    if (character === '{') {
      this.#begin(character)
    } else if (character === '[' && this.#calls === 0 && !this.#list) {
      this.#list = true
      this.#gap += character
    } else if (character === ']' && this.#list) {
      return { rest: '' }
    } else if (/\s/.test(character) || (this.#calls > 0 && /[,;}\]]/.test(character))) {
      this.#gap += character
    } else if (this.#calls > 0) {
      return { rest: this.#gap.replace(this.#list ? separators : surplusBrackets, '') + character }
    } else {
      return this.#damaged(this.#marker + this.#gap, character)
    }
    return 'more'
  }

  #begin(character: string): void {
    this.#raw = character
    this.#undecided = this.#bare
    this.#object = new CallObjectReader(this.#context)
    this.#object.push(character)
  }

  #pushInside(object: CallObjectReader, character: string): Step {
    this.#raw += character
    const step = object.push(character)
    if (this.#undecided) {
      const isCall = this.#isCall(object, character) ?? (step === 'more' ? undefined : false)
      if (isCall === false) return this.#decline()
      this.#undecided = isCall === undefined
    }
    if (step === 'broken') return this.#damaged(this.#marker + this.#raw)
    if (step === 'done') {
      object.complete(this.#marker + this.#raw)
      this.#object = undefined
      this.#calls++
      this.#gap = ''
    }
    return 'more'
  }

  /** Whether an object without a marker is a call; undefined while that is open. */
  #isCall({ name, key, keys }: CallObjectReader, character: string): boolean | undefined {
    if (name !== undefined && this.#context.has(name)) return true
    if (keys.size === 0 && key === '' && !/[\s"]/.test(character)) return false
    if ([...keys].some((written) => !callKeys.includes(written))) return false
    if (!callKeys.some((known) => known.startsWith(key))) return false
    return name !== undefined && keys.has('arguments') ? true : undefined
  }

  #damaged(before: string, character = ''): Step {
    this.#damage = new DamagedBlock(before, this.#markers)
    return character === '' ? 'more' : this.#pushDamaged(character)
  }

  #pushDamaged(character: string): Step {
    const end = this.#damage?.push(character)
    if (end === undefined) return 'more'
    this.#fail(syntaxMessage, end.raw)
    return { rest: end.rest }
  }

  /** The object is no call but text, and so is what stands before it. */
  #decline(): CallReaderEnd {
    return { text: this.#gap + this.#raw.charAt(0), rest: this.#raw.slice(1) }
  }

  #fail(message: string, raw: string): void {
    if (this.#object !== undefined) this.#object.fail(message, raw)
    else this.#context.emit({ type: 'tool-error', raw, message })
  }
}

const syntaxMessage =
  'The call is not valid JSON. Write the name and the arguments as one JSON object, with every quote and bracket closed.'

/** Behind a call, what belongs to calls and not to text. */
const separators = /^[\s,;}\]]*[,;}\]]/
const surplusBrackets = /^[\s}\]]*[}\]]/

/** What the outermost object of a call holds. */
const callKeys = ['name', 'arguments', 'parameters', 'type', 'id']

function firstOf(text: string, markers: readonly string[], from: number): number {
  const found = markers.map((marker) => text.indexOf(marker, from)).filter((at) => at !== -1)
  return found.length === 0 ? -1 : Math.min(...found)
}
