import { createToolCallParser, type CallReader, type ToolCallParser, type ToolFormat } from '../../tools/index.js'

/** Where a text goes from free to constrained. */
export interface Opened {
  /** The marker that was written. */
  opening: string
  /** What stands behind it already. */
  rest: string
}

/**
 * Reads free text up to where a call opens, by the same state machine that will read the answer:
 * markers inside of reasoning, headers and the like count for both or for neither.
 */
export class MarkerWatch {
  readonly #format: ToolFormat
  readonly #openings: readonly string[]
  readonly #parser: ToolCallParser
  #opened: Opened | undefined
  #tail = ''
  /** Whether there was nothing but blanks and reasoning yet. */
  #atStart = true
  /** The header that is being written, its marker included. */
  #header: string | undefined

  /** @param openings those of the format's openings that are watched for. */
  constructor(format: ToolFormat, openings: readonly string[], generationPrompt: string) {
    this.#format = format
    this.#openings = openings
    const createCallReader: ToolFormat['createCallReader'] = (context) => {
      if (openings.includes(context.opening)) return this.#captureAfter(context.opening)
      const reader = format.createCallReader(context)
      return format.opensInHeader === undefined ? reader : this.#watchHeader(context.opening, reader)
    }
    this.#parser = createToolCallParser({ ...format, createCallReader }, { tools: [], generationPrompt })
  }

  /** Takes more text. Tells when a call has opened. */
  push(text: string): Opened | undefined {
    const events = this.#parser.push(text)
    const isBlank = events.every((event) => event.type === 'reasoning-delta' || (event.type === 'text-delta' && event.text.trim() === ''))
    if (!isBlank || this.#opened !== undefined) this.#atStart = false
    this.#tail = (this.#tail + text).slice(-64)
    return this.#opened
  }

  /** The call is over; text is free again. */
  close(): void {
    this.#opened = undefined
    this.#tail = ''
  }

  /** What would stand behind a marker that `text` completes, if it did. */
  peek(text: string): Opened | undefined {
    const { opening: markers, bareOpening = [] } = this.#format
    const whole = this.#tail + text
    for (const opening of this.#openings.filter((marker) => markers.includes(marker))) {
      const at = whole.lastIndexOf(opening)
      const end = at + opening.length
      if (at === -1 || end <= this.#tail.length) continue
      if (bareOpening.includes(opening) && !(this.#atStart && whole.slice(this.#tail.length, at).trim() === '')) continue
      return { opening, rest: whole.slice(end) }
    }
    return this.#peekHeader(text)
  }

  #peekHeader(text: string): Opened | undefined {
    for (let end = 1; this.#header !== undefined && end <= text.length; end++) {
      const opening = this.#openingIn(this.#header + text.slice(0, end))
      if (opening !== undefined) return { opening, rest: text.slice(end) }
    }
    return undefined
  }

  #openingIn(header: string): string | undefined {
    const opening = this.#format.opensInHeader?.(header)
    return opening !== undefined && this.#openings.includes(opening) ? opening : undefined
  }

  /** Reads a header as `reader` does, up to where it opens a call. */
  #watchHeader(marker: string, reader: CallReader): CallReader {
    let current = reader
    this.#header = marker
    return {
      push: (character) => {
        if (this.#header !== undefined) this.#header += character
        const opening = this.#header === undefined ? undefined : this.#openingIn(this.#header)
        if (opening !== undefined) {
          this.#header = undefined
          current = this.#captureAfter(opening)
          return 'more'
        }
        const step = current.push(character)
        if (step !== 'more') this.#header = undefined
        return step
      },
      finish: (reason) => current.finish(reason),
    }
  }

  #captureAfter(opening: string): CallReader {
    const opened = { opening, rest: '' }
    this.#opened = opened
    return {
      push: (character) => {
        if (this.#opened !== opened) return { rest: character }
        opened.rest += character
        return 'more'
      },
      finish: () => ({ rest: '' }),
    }
  }
}
