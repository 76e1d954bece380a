import type { CallReader, CallReaderEnd } from './types.js'

/** Reads a channel's name, a word alone on the marker's line. What follows is reasoning, until `closing`. */
export class ChannelReader implements CallReader {
  readonly #closing: string
  #name = ''

  constructor(closing: string) {
    this.#closing = closing
  }

  push(character: string): 'more' | CallReaderEnd {
    if (/\w/.test(character)) {
      this.#name += character
      return 'more'
    }
    if (character === '\n') return { rest: '', section: 'reasoning' }
    const isEmpty = character === this.#closing.charAt(0)
    return { rest: (isEmpty ? '' : this.#name) + character, section: 'reasoning' }
  }

  finish(): CallReaderEnd {
    return { rest: '', section: 'reasoning' }
  }
}
