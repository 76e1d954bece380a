import { CallObjectReader } from './CallObjectReader.js'
import type { CallReaderContext } from './types.js'

/** Reads the arguments of a call whose name stands before them: one JSON object, reported as it is written. */
export class JSONArgumentsReader {
  readonly #object: CallObjectReader

  constructor(context: CallReaderContext, name: string) {
    this.#object = new CallObjectReader(context)
    this.#feed(`{"name": ${JSON.stringify(name)}, "arguments": `)
  }

  /** The first character has to be `{`. `broken`: no JSON can come of this any more. */
  push(character: string): 'more' | 'done' | 'broken' {
    const step = this.#object.push(character)
    if (step !== 'more' || this.#object.depth > 1) return step
    this.#feed('}')
    return 'done'
  }

  /** Ends a call whose arguments are all there. `raw`: as the model wrote it, markers included. */
  complete(raw: string): void {
    this.#object.complete(raw)
  }

  fail(message: string, raw: string): void {
    this.#object.fail(message, raw)
  }

  #feed(json: string): void {
    for (const character of json) this.#object.push(character)
  }
}
