import { argumentTypes, readTypedText } from './readTypedText.js'
import type { JSONSchema } from '../types.js'

const close = '</parameter>'
/** What can follow a value's end. `</parameter>` before anything else belongs to the value. */
const followers = ['<parameter=', '</function>', '</tool_call>']

/**
 * Reads the text between `<parameter=…>` and its closing tag and writes it as JSON: a string as it
 * comes, anything else when it is complete. One line break at either end belongs to the tags.
 */
export class XMLValueReader {
  readonly #types: ReadonlySet<string>
  readonly #write: (json: string) => void
  readonly #isString: boolean
  #text = ''
  #isEmpty = true
  /** Characters that may yet become the closing tag with its line break. */
  #held = ''
  /** Whether the closing tag has come: then `#gap` holds what came behind it. */
  #closed = false
  #gap = ''
  #tag = ''
  /** First half of a surrogate pair. */
  #half = ''

  /** @param input the schema of all arguments */
  constructor(input: JSONSchema | undefined, name: string, write: (json: string) => void) {
    this.#types = argumentTypes(input, name)
    this.#isString = this.#types.size === 1 && this.#types.has('string')
    this.#write = write
    if (this.#isString) write('"')
  }

  /** Takes a character. At the value's end: the tag that follows it. */
  push(character: string): string | undefined {
    if (this.#closed) return this.#pushBehind(character)
    this.#held += character
    while (this.#held !== '' && !close.startsWith(this.#held) && !`\n${close}`.startsWith(this.#held)) {
      this.#add(this.#held.charAt(0))
      this.#held = this.#held.slice(1)
    }
    this.#closed = this.#held.endsWith(close)
    return undefined
  }

  #pushBehind(character: string): string | undefined {
    if (this.#tag === '' && /\s/.test(character)) {
      this.#gap += character
      return undefined
    }
    this.#tag += character
    if (followers.includes(this.#tag)) {
      this.#end()
      return this.#tag
    }
    if (followers.some((follower) => follower.startsWith(this.#tag))) return undefined
    const again = this.#gap + this.#tag
    for (const held of this.#held) this.#add(held)
    this.#closed = false
    this.#held = this.#gap = this.#tag = ''
    for (let i = 0; i < again.length; i++) this.push(again.charAt(i))
    return undefined
  }

  #add(character: string): void {
    const isFirst = this.#isEmpty
    this.#isEmpty = false
    if (isFirst && character === '\n') return
    if (!this.#isString) {
      this.#text += character
      return
    }
    const text = this.#half + character
    this.#half = /[\uD800-\uDBFF]$/.test(character) ? character : ''
    const whole = text.slice(0, text.length - this.#half.length)
    if (whole !== '') this.#write(JSON.stringify(whole).slice(1, -1))
  }

  #end(): void {
    if (!this.#isString) this.#write(JSON.stringify(readTypedText(this.#text, this.#types)))
    else this.#write(`${this.#half === '' ? '' : JSON.stringify(this.#half).slice(1, -1)}"`)
  }
}
