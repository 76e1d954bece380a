import type { CallReaderContext } from './types.js'

/** Reports one call in order: its name, the pieces of its arguments, and whether it counts. */
export class CallReport {
  readonly #context: CallReaderContext
  #name: string | undefined
  #id: string | undefined
  #json = ''

  constructor(context: CallReaderContext) {
    this.#context = context
  }

  get name(): string | undefined {
    return this.#name
  }

  /** The call's name is known. */
  start(name: string): void {
    this.#name = name
    if (!this.#context.has(name)) return
    this.#id = this.#context.createId()
    this.#context.emit({ type: 'tool-input-start', id: this.#id, name })
  }

  /** A piece of the arguments as JSON text. */
  write(json: string): void {
    this.#json += json
    if (this.#id !== undefined) this.#context.emit({ type: 'tool-input-delta', id: this.#id, delta: json })
  }

  /** Ends a call whose arguments are all there: a `tool-call`, or a `tool-error` that says what is wrong. */
  complete(raw: string): void {
    const name = this.#name ?? ''
    let input: unknown
    try {
      input = JSON.parse(this.#json)
    } catch (error) {
      return this.fail(`The arguments of ${name} are not valid JSON: ${error instanceof Error ? error.message : String(error)}.`, raw)
    }
    const { has, names, check, emit } = this.#context
    if (this.#id === undefined || !has(name)) {
      const message = `There is no tool named "${name}". Tools: ${names.join(', ') || 'none'}.`
      return emit({ type: 'tool-error', name, input, raw, message })
    }
    const problem = check(name, input)
    if (problem === undefined) emit({ type: 'tool-call', id: this.#id, name, input })
    else emit({ type: 'tool-error', id: this.#id, name, input, raw, message: `Invalid arguments for ${name}. ${problem}` })
  }

  /** Ends a call that is none. `raw`: as the model wrote it, markers included. */
  fail(message: string, raw: string): void {
    this.#context.emit({
      type: 'tool-error',
      ...(this.#id === undefined ? {} : { id: this.#id }),
      ...(this.#name === undefined ? {} : { name: this.#name }),
      raw,
      message,
    })
  }
}
