import { CallObjectReader } from './CallObjectReader.js'
import { cutOffMessage } from './cutOffMessage.js'
import type { CallReader, CallReaderContext, ParserFinishReason } from './types.js'

type Step = 'more' | { rest: string }

/**
 * Reads one block of JSON calls up to its closing tag: an object, several, or a list of them.
 * After damage it looks for the next tag, so that one bad call does not take others with it.
 */
export class TaggedJSONReader implements CallReader {
  readonly #context: CallReaderContext
  readonly #closing: string
  #state: 'before' | 'inside' | 'after' | 'damaged' = 'before'
  #object: CallObjectReader | undefined
  /** What was written since the last complete call, with the opening marker before it. */
  #raw: string
  /** Characters between calls that may yet become a tag. */
  #tag = ''
  #list = false
  /** The end of damage, as long as a tag. */
  #tail = ''
  readonly #longest: number

  constructor(context: CallReaderContext, closing: string) {
    this.#context = context
    this.#closing = closing
    this.#longest = Math.max(context.opening.length, closing.length)
    this.#raw = context.opening
  }

  push(character: string): Step {
    this.#raw += character
    if (this.#tag !== '') return this.#pushTag(character)
    if (this.#state === 'inside') return this.#pushInside(character)
    if (this.#state === 'damaged') return this.#pushDamaged(character)
    return this.#pushBetween(character)
  }

  finish(reason: ParserFinishReason): { rest: string } {
    if (this.#state === 'after') return { rest: '' }
    // A string that never ends has swallowed all that came after the call.
    const swallowed = reason === 'length' || reason === 'abort' ? -1 : this.#raw.indexOf(this.#closing)
    const end = swallowed === -1 ? this.#raw.length : swallowed + this.#closing.length
    this.#fail(cutOffMessage(reason), this.#raw.slice(0, end))
    return { rest: this.#raw.slice(end) }
  }

  #pushBetween(character: string): Step {
    if (character === '{') {
      if (this.#state === 'after') this.#raw = this.#context.opening + character
      this.#state = 'inside'
      this.#object = new CallObjectReader(this.#context)
      this.#object.push(character)
    } else if (character === '<') {
      this.#tag = character
    } else if (character === '[' && this.#state === 'before' && !this.#list) {
      this.#list = true
    } else if (character === ']' && this.#list) {
      // An empty list is the model's way to say that it calls nothing.
      this.#state = 'after'
    } else if (!isFiller(character, this.#state)) {
      return this.#leave()
    }
    return 'more'
  }

  #pushInside(character: string): Step {
    const object = this.#object
    const step = object?.push(character)
    if (step === 'broken') this.#damaged()
    if (step === 'done') {
      object?.complete(this.#raw + this.#closing)
      this.#object = undefined
      this.#raw = this.#context.opening
      this.#state = 'after'
    }
    return 'more'
  }

  #pushTag(character: string): Step {
    this.#tag += character
    if (this.#tag === this.#closing) {
      if (this.#state === 'before') this.#fail('There is no call between the tags.', this.#raw)
      return { rest: '' }
    }
    if (this.#tag === this.#context.opening) return this.#restart()
    if (this.#closing.startsWith(this.#tag) || this.#context.opening.startsWith(this.#tag)) return 'more'
    return this.#leave()
  }

  #pushDamaged(character: string): Step {
    const { opening } = this.#context
    // Looking for the end of the whole text at each character would cost its square.
    this.#tail = (this.#tail + character).slice(-this.#longest)
    if (this.#tail.endsWith(this.#closing)) {
      this.#fail(syntaxMessage, this.#raw)
      return { rest: '' }
    }
    if (!this.#tail.endsWith(opening)) return 'more'
    this.#fail(syntaxMessage, this.#raw.slice(0, -opening.length))
    return this.#restart()
  }

  /** Something that is no call: after a complete one it is text whose closing tag was forgotten. */
  #leave(): Step {
    this.#tag = ''
    if (this.#state === 'after' && !this.#list) {
      return { rest: this.#raw.slice(this.#context.opening.length).replace(/^[\s,}\]]*[,}\]]/, '') }
    }
    this.#damaged()
    return 'more'
  }

  #damaged(): void {
    this.#state = 'damaged'
    this.#tail = this.#raw.slice(-this.#longest)
  }

  #restart(): Step {
    this.#state = 'before'
    this.#tag = ''
    this.#list = false
    this.#raw = this.#context.opening
    return 'more'
  }

  #fail(message: string, raw: string): void {
    if (this.#object !== undefined) this.#object.fail(message, raw)
    else this.#context.emit({ type: 'tool-error', raw, message })
    this.#object = undefined
  }
}

const syntaxMessage =
  'The call is not valid JSON. Write it as {"name": "…", "arguments": {…}}, with every quote and bracket closed.'

/** Between calls commas may stand; after one, so may a bracket too many. */
function isFiller(character: string, state: string): boolean {
  return /\s/.test(character) || (state === 'after' && /[,}\]]/.test(character))
}
