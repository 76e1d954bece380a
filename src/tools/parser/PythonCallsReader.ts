import { CallReport } from './CallReport.js'
import { cutOffMessage } from './cutOffMessage.js'
import { DamagedBlock } from './DamagedBlock.js'
import { LiteralWriter } from './LiteralWriter.js'
import { PythonLexer, pythonLiterals } from './PythonLexer.js'
import { TaggedJSONReader } from './TaggedJSONReader.js'
import type { CallReader, CallReaderContext, CallReaderEnd, ParserFinishReason } from './types.js'

type Step = 'more' | CallReaderEnd

/**
 * Reads a list of Python calls, `[f(a=1), g()]`: between markers, or bare, where its own bracket is the
 * marker and much that begins so is text. Between markers, calls in JSON are read as well.
 */
export class PythonCallsReader implements CallReader {
  readonly #context: CallReaderContext
  /** Undefined for a bare list. */
  readonly #closing: string | undefined
  #state: 'before' | 'name' | 'named' | 'arguments' | 'after' | 'closed' = 'before'
  #list: boolean
  #calls = 0
  #name = ''
  #report: CallReport | undefined
  #lexer: PythonLexer | undefined
  #writer: LiteralWriter | undefined
  /** What was written since the last complete call, with the opening marker before it. */
  #raw: string
  /** What was written since the last complete call. */
  #tail = ''
  /** Characters between calls that may yet become the closing marker. */
  #tag = ''
  #json: TaggedJSONReader | undefined
  #damage: DamagedBlock | undefined

  constructor(context: CallReaderContext, closing: string | undefined) {
    this.#context = context
    this.#closing = closing
    this.#list = closing === undefined
    this.#raw = context.opening
  }

  push(character: string): Step {
    if (this.#json !== undefined) return this.#json.push(character)
    if (this.#damage !== undefined) return this.#pushDamaged(this.#damage, character)
    this.#raw += character
    this.#tail += character
    if (this.#tag !== '') return this.#pushTag(character)
    if (this.#state === 'arguments') return this.#pushArguments(character)
    if (character === '<' && this.#closing !== undefined) {
      this.#tag = character
      return 'more'
    }
    if (this.#state === 'name' || this.#state === 'named') return this.#pushName(character)
    return this.#pushBetween(character)
  }

  finish(reason: ParserFinishReason): CallReaderEnd {
    if (this.#json !== undefined) return this.#json.finish(reason)
    const cut = reason === 'length' || reason === 'abort'
    if (this.#damage !== undefined) {
      this.#fail(cut ? cutOffMessage(reason) : syntaxMessage, this.#damage.raw)
      return { rest: '' }
    }
    if (this.#state === 'after' || this.#state === 'closed') return { rest: '' }
    if (this.#closing === undefined && this.#state !== 'arguments') {
      const begun = this.#name !== '' && this.#context.names.some((name) => name.startsWith(this.#name))
      if (!cut || !begun) return this.#calls > 0 ? this.#leave() : { rest: '', text: this.#raw }
    }
    // A string that never ends has swallowed all that came after the call.
    const swallowed = cut || this.#closing === undefined ? -1 : this.#raw.indexOf(this.#closing)
    const end = swallowed === -1 ? this.#raw.length : swallowed + (this.#closing ?? '').length
    this.#fail(cutOffMessage(reason), this.#raw.slice(0, end))
    return { rest: this.#raw.slice(end) }
  }

  #pushBetween(character: string): Step {
    if (/\s/.test(character)) return 'more'
    const isFirst = this.#state === 'before'
    if (character === '{' && isFirst && this.#closing !== undefined) return this.#startJSON(this.#closing)
    if (character === '[' && (isFirst ? !this.#list : this.#state === 'closed' && this.#closing !== undefined)) {
      this.#list = true
      this.#state = isFirst ? 'before' : 'after'
    } else if (character === ']' && this.#list && (!isFirst || this.#closing !== undefined)) {
      this.#state = 'closed'
      if (this.#closing === undefined) return { rest: '' }
    } else if (/[\p{L}_]/u.test(character) && this.#state !== 'closed') {
      if (this.#state === 'after') this.#raw = this.#context.opening + character
      this.#name = character
      this.#state = 'name'
    } else if (character !== ',' || this.#state !== 'after') {
      return this.#refuse()
    }
    return 'more'
  }

  #pushName(character: string): Step {
    if (character === '(') return this.#begin()
    if (/\s/.test(character)) this.#state = 'named'
    else if (this.#state === 'name' && /[\p{L}\p{N}_.-]/u.test(character)) this.#name += character
    else return this.#refuse()
    return 'more'
  }

  #begin(): Step {
    // Prose is full of brackets, so a bare list of something unknown is a call only where an answer begins.
    const isCall = this.#closing !== undefined || this.#calls > 0 || this.#context.atStart || this.#context.has(this.#name)
    if (!isCall) return this.#refuse()
    const report = new CallReport(this.#context)
    report.start(this.#name)
    const writer = new LiteralWriter(pythonLiterals, ')', (json) => report.write(json))
    this.#report = report
    this.#writer = writer
    this.#lexer = new PythonLexer((token) => writer.push(token))
    this.#state = 'arguments'
    return 'more'
  }

  #pushArguments(character: string): Step {
    this.#lexer?.push(character)
    if (this.#writer?.state === 'broken') return this.#damaged()
    if (this.#writer?.state === 'done') {
      this.#report?.complete(this.#raw)
      this.#report = undefined
      this.#calls++
      this.#name = ''
      this.#raw = this.#context.opening
      this.#tail = ''
      this.#state = 'after'
    }
    return 'more'
  }

  #pushTag(character: string): Step {
    this.#tag += character
    if (this.#tag === this.#closing) {
      if (this.#state === 'before') this.#fail('There is no call between the markers.', this.#raw)
      else if (this.#state === 'name' || this.#state === 'named') this.#fail(syntaxMessage, this.#raw)
      return { rest: '' }
    }
    if (this.#closing?.startsWith(this.#tag)) return 'more'
    if (this.#context.opening === this.#tag) return this.#restart()
    if (this.#context.opening.startsWith(this.#tag)) return 'more'
    return this.#refuse()
  }

  /** What was read last broke the call; it may already begin the marker that ends it. */
  #damaged(): Step {
    // Nothing closes a bare list for sure; its last bracket or the end of the line is the best guess.
    const closing = this.#closing === undefined ? [')]', '\n'] : [this.#closing]
    const opening = this.#closing === undefined ? [] : [this.#context.opening]
    const begun = Math.max(1, this.#tag.length)
    const raw = this.#raw
    this.#damage = new DamagedBlock(raw.slice(0, -begun), { opening, closing })
    this.#tag = ''
    return this.#pushDamaged(this.#damage, raw.slice(-begun))
  }

  #pushDamaged(damage: DamagedBlock, text: string): Step {
    const end = damage.push(text)
    if (end === undefined) return 'more'
    const isLine = this.#closing === undefined && end.raw.endsWith('\n')
    this.#fail(syntaxMessage, isLine ? end.raw.slice(0, -1) : end.raw)
    return { rest: isLine ? '\n' : end.rest }
  }

  /** Something that is no call: text, or a damaged one where markers or a list tell that a call was meant. */
  #refuse(): Step {
    const isText = this.#closing === undefined || (this.#calls > 0 && (!this.#list || this.#state === 'closed'))
    if (!isText) return this.#damaged()
    const { opening } = this.#context
    return this.#calls > 0 ? this.#leave() : { rest: this.#raw.slice(opening.length), text: opening }
  }

  /** Text behind a complete call, whose end was not marked. */
  #leave(): CallReaderEnd {
    return { rest: this.#tail.replace(/^[\s,\]]*[,\]]/, '') }
  }

  #restart(): Step {
    this.#state = 'before'
    this.#tag = ''
    this.#list = false
    this.#name = ''
    this.#raw = this.#context.opening
    return 'more'
  }

  #startJSON(closing: string): Step {
    const written = this.#raw.slice(this.#context.opening.length)
    this.#json = new TaggedJSONReader(this.#context, closing)
    for (const character of written) this.#json.push(character)
    return 'more'
  }

  #fail(message: string, raw: string): void {
    if (this.#report !== undefined) this.#report.fail(message, raw)
    else this.#context.emit({ type: 'tool-error', raw, message })
    this.#report = undefined
  }
}

const syntaxMessage =
  'The call is not valid Python. Write it as [name(argument=value)], with every quote and bracket closed and each argument named once.'
