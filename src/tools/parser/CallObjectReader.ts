import type { CallReaderContext } from './types.js'

/**
 * Reads one `{"name": …, "arguments": {…}}`, reporting the name and the arguments' text as they
 * are written. Only the shape is followed on the way; the whole is parsed at the end.
 */
export class CallObjectReader {
  readonly #context: CallReaderContext
  readonly #keys = new Set<string>()
  #text = ''
  #brackets = ''
  #string: 'outside' | 'inside' | 'escape' = 'outside'
  /** The outermost key that is being written or whose value is. */
  #key = ''
  /** Text of the outermost value so far; undefined while a key is expected. */
  #value: string | undefined
  #name: string | undefined
  /** Whether the arguments' opening brace has been written. */
  #begun = false
  /** Text of the arguments that waits for the name. */
  #unsent = ''
  #id: string | undefined

  constructor(context: CallReaderContext) {
    this.#context = context
  }

  /** The tool's name, once it is written. */
  get name(): string | undefined {
    return this.#name
  }

  /** The outermost key that is being written, or whose value is. */
  get key(): string {
    return this.#key
  }

  /** Outermost keys whose value has begun; `parameters` counts as `arguments`. */
  get keys(): ReadonlySet<string> {
    return this.#keys
  }

  /** How many brackets are open. */
  get depth(): number {
    return this.#brackets.length
  }

  /** `broken`: no JSON can come of this any more. */
  push(character: string): 'more' | 'done' | 'broken' {
    if (this.#string !== 'outside') return this.#pushString(character)
    if (character === '"') {
      this.#string = 'inside'
      if (this.#atKey()) this.#key = ''
    } else if (character === '{' || character === '[') {
      this.#brackets += character
      if (this.#brackets.length === 1) {
        this.#text = character
        return 'more'
      }
    } else if (character === '}' || character === ']') {
      if (this.#brackets.at(-1) !== (character === '}' ? '{' : '[')) return 'broken'
      this.#brackets = this.#brackets.slice(0, -1)
      if (this.#brackets === '') {
        this.#text += character
        return 'done'
      }
    } else if (this.#brackets.length === 1 && character === ',') {
      this.#value = undefined
      this.#key = ''
    } else if (this.#brackets.length === 1 && character === ':' && this.#value === undefined) {
      this.#text += character
      this.#value = ''
      return this.#startValue()
    } else if (!/[\s\w:,.+-]/.test(character)) {
      return 'broken'
    }
    this.#append(character)
    return 'more'
  }

  /** Ends a call whose braces are balanced: a `tool-call`, or a `tool-error` that says what is wrong. */
  complete(raw: string): void {
    const call = this.#parse()
    if (typeof call === 'string') return this.fail(call, raw)
    const { name, input } = call
    const problem = this.#context.has(name)
      ? this.#context.check(name, input)
      : `There is no tool named "${name}". Tools: ${this.#context.names.join(', ') || 'none'}.`
    if (problem !== undefined) {
      const message = this.#context.has(name) ? `Invalid arguments for ${name}. ${problem}` : problem
      return this.#context.emit({ type: 'tool-error', ...this.#identity(name), input, raw, message })
    }
    // Arguments that were left out, or written as a string of JSON, have not been reported yet.
    this.#start(name)
    const id = this.#id ?? this.#context.createId()
    if (!this.#begun) this.#context.emit({ type: 'tool-input-delta', id, delta: JSON.stringify(input) })
    this.#context.emit({ type: 'tool-call', id, name, input })
  }

  fail(message: string, raw: string): void {
    this.#context.emit({ type: 'tool-error', ...this.#identity(this.#name), raw, message })
  }

  #identity(name: string | undefined): { id?: string; name?: string } {
    return { ...(this.#id === undefined ? {} : { id: this.#id }), ...(name === undefined ? {} : { name }) }
  }

  #atKey(): boolean {
    return this.#brackets.length === 1 && this.#value === undefined
  }

  #pushString(character: string): 'more' {
    // Models write line breaks into strings as they are; what is meant is clear.
    const code = character.charCodeAt(0)
    const written = code < 0x20 ? JSON.stringify(character).slice(1, -1) : character
    if (this.#string === 'escape') this.#string = 'inside'
    else if (character === '\\') this.#string = 'escape'
    else if (character === '"') this.#string = 'outside'
    if (this.#atKey() && this.#string !== 'outside') this.#key += written
    this.#append(written)
    if (this.#string === 'outside' && this.#brackets.length === 1 && this.#key === 'name' && this.#value !== undefined) {
      this.#start(readString(this.#value))
    }
    return 'more'
  }

  #startValue(): 'more' | 'broken' {
    const key = isArgumentsKey(this.#key) ? 'arguments' : this.#key
    if (this.#keys.has(key)) return 'broken'
    this.#keys.add(key)
    return 'more'
  }

  #append(text: string): void {
    this.#text += text
    if (this.#value === undefined) return
    this.#value += text
    if (!isArgumentsKey(this.#key)) return
    const begins = this.#brackets === '{{' && text === '{'
    const goesOn = this.#begun && (this.#brackets.length > 1 || text === '}')
    if (!begins && !goesOn) return
    this.#begun = true
    this.#unsent += text
    this.#send()
  }

  #start(name: string | undefined): void {
    this.#name ??= name
    if (this.#id !== undefined || name === undefined || !this.#context.has(name)) return
    this.#id = this.#context.createId()
    this.#context.emit({ type: 'tool-input-start', id: this.#id, name })
    this.#send()
  }

  #send(): void {
    if (this.#id === undefined || this.#unsent === '') return
    this.#context.emit({ type: 'tool-input-delta', id: this.#id, delta: this.#unsent })
    this.#unsent = ''
  }

  #parse(): { name: string; input: object } | string {
    let call: unknown
    try {
      call = JSON.parse(this.#text)
    } catch (error) {
      return `The call is not valid JSON: ${error instanceof Error ? error.message : String(error)}.`
    }
    const { name, arguments: args, parameters } = call as Record<string, unknown>
    if (typeof name !== 'string' || name === '') return 'The call has no "name". Write the tool\'s name under that key.'
    const input = readArguments(args ?? parameters)
    if (input === undefined) return `The "arguments" of ${name} must be a JSON object.`
    return { name, input }
  }
}

function isArgumentsKey(key: string): boolean {
  return key === 'arguments' || key === 'parameters'
}

function readString(literal: string): string | undefined {
  try {
    const value: unknown = JSON.parse(literal)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

/** The arguments as an object; those of OpenAI's API are JSON text; a tool without any may leave them out. */
function readArguments(value: unknown): object | undefined {
  if (value === undefined || value === null) return {}
  if (typeof value === 'string') {
    try {
      return readArguments(JSON.parse(value) ?? '')
    } catch {
      return undefined
    }
  }
  return typeof value === 'object' && !Array.isArray(value) ? value : undefined
}
