import type { CallReader, CallReaderEnd } from './types.js'

/** Reads over what a model has no business to write, such as a tool's response, up to its end. */
export class SkippedSection implements CallReader {
  readonly #closing: string
  #tail = ''

  constructor(closing: string) {
    this.#closing = closing
  }

  push(character: string): 'more' | CallReaderEnd {
    this.#tail = (this.#tail + character).slice(-this.#closing.length)
    return this.#tail === this.#closing ? { rest: '' } : 'more'
  }

  finish(): CallReaderEnd {
    return { rest: '' }
  }
}
