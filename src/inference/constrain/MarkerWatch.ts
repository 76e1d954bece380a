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
  readonly #openings: readonly string[]
  readonly #parser: ToolCallParser
  #opened: Opened | undefined
  #tail = ''

  /** @param openings those of the format's opening strings that are watched for. */
  constructor(format: ToolFormat, openings: readonly string[], generationPrompt: string) {
    this.#openings = openings
    const createCallReader: ToolFormat['createCallReader'] = (context) =>
      openings.includes(context.opening) ? this.#captureAfter(context.opening) : format.createCallReader(context)
    this.#parser = createToolCallParser({ ...format, createCallReader }, { tools: [], generationPrompt })
  }

  /** Takes more text. Tells when a call has opened. */
  push(text: string): Opened | undefined {
    this.#parser.push(text)
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
    const whole = this.#tail + text
    for (const opening of this.#openings) {
      const end = whole.lastIndexOf(opening) + opening.length
      if (whole.includes(opening) && end > this.#tail.length) return { opening, rest: whole.slice(end) }
    }
    return undefined
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
