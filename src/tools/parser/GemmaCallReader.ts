import type { JSONSchema } from '../types.js'
import { CallReport } from './CallReport.js'
import { cutOffMessage } from './cutOffMessage.js'
import { DamagedBlock } from './DamagedBlock.js'
import { GemmaLexer, gemmaLiterals, type GemmaNotation } from './GemmaLexer.js'
import { LiteralWriter } from './LiteralWriter.js'
import type { CallReader, CallReaderContext, CallReaderEnd, ParserFinishReason } from './types.js'

type Step = 'more' | CallReaderEnd

const prefix = 'call:'

/** Reads one call in Gemma's notation, `call:name{key:value,…}`, between markers. */
export class GemmaCallReader implements CallReader {
  readonly #context: CallReaderContext
  readonly #closing: string
  readonly #notation: GemmaNotation
  #state: 'prefix' | 'name' | 'arguments' | 'after' = 'prefix'
  /** The prefix or the name so far. */
  #word = ''
  /** The block so far, markers included; behind the call, what has come since. */
  #raw: string
  #report: CallReport | undefined
  #writer: LiteralWriter | undefined
  #lexer: GemmaLexer | undefined
  #damage: DamagedBlock | undefined

  constructor(context: CallReaderContext, closing: string, notation: GemmaNotation) {
    this.#context = context
    this.#closing = closing
    this.#notation = notation
    this.#raw = context.opening
  }

  push(character: string): Step {
    if (this.#damage !== undefined) return this.#pushDamaged(this.#damage, character)
    this.#raw += character
    if (this.#state === 'prefix') return this.#pushPrefix(character)
    if (this.#state === 'name') return this.#pushName(character)
    if (this.#state === 'arguments') return this.#pushArguments(character)
    return this.#pushAfter(character)
  }

  finish(reason: ParserFinishReason): CallReaderEnd {
    const cut = reason === 'length' || reason === 'abort'
    if (this.#state === 'after') return { rest: cut || this.#raw.trim() === '' ? '' : this.#raw }
    if (this.#damage !== undefined) {
      this.#fail(cut ? cutOffMessage(reason) : syntaxMessage, this.#damage.raw)
      return { rest: '' }
    }
    // A string that never ends has swallowed all that came after the call.
    const swallowed = cut ? -1 : this.#raw.indexOf(this.#closing)
    const end = swallowed === -1 ? this.#raw.length : swallowed + this.#closing.length
    this.#fail(cutOffMessage(reason), this.#raw.slice(0, end))
    return { rest: this.#raw.slice(end) }
  }

  #pushPrefix(character: string): Step {
    if (this.#word === '' && /\s/.test(character)) return 'more'
    this.#word += character
    if (!prefix.startsWith(this.#word)) return this.#damaged()
    if (this.#word !== prefix) return 'more'
    this.#word = ''
    this.#state = 'name'
    return 'more'
  }

  #pushName(character: string): Step {
    if (character !== '{') {
      this.#word += character
      return /[<\n}]/.test(character) ? this.#damaged() : 'more'
    }
    const name = this.#word.trim()
    const report = new CallReport(this.#context)
    report.start(name)
    this.#report = report
    const literals = gemmaLiterals(this.#notation, (argument) => isText(this.#context.schema(name), argument))
    this.#writer = new LiteralWriter(literals, '}', (json) => report.write(json))
    this.#lexer = new GemmaLexer(this.#notation, this.#writer)
    this.#state = 'arguments'
    return 'more'
  }

  #pushArguments(character: string): Step {
    this.#lexer?.push(character)
    if (this.#writer?.state === 'broken') return this.#damaged()
    if (this.#writer?.state === 'done') {
      this.#report?.complete(this.#raw)
      this.#raw = ''
      this.#state = 'after'
    }
    return 'more'
  }

  /** The closing marker is all that should come; without it, what comes is text, or the next call. */
  #pushAfter(character: string): Step {
    if (/\s/.test(character) && this.#raw.trim() === '') return 'more'
    const tag = this.#raw.trimStart()
    if (tag === this.#closing) return { rest: '' }
    return this.#closing.startsWith(tag) ? 'more' : { rest: this.#raw }
  }

  /** What was read last broke the call; it may already begin the marker that ends it. */
  #damaged(): Step {
    const at = Math.max(this.#context.opening.length, this.#raw.lastIndexOf('<'))
    const raw = this.#raw
    this.#damage = new DamagedBlock(raw.slice(0, at), { opening: [this.#context.opening], closing: [this.#closing] })
    return this.#pushDamaged(this.#damage, raw.slice(at))
  }

  #pushDamaged(damage: DamagedBlock, text: string): Step {
    const end = damage.push(text)
    if (end === undefined) return 'more'
    this.#fail(syntaxMessage, end.raw)
    return { rest: end.rest }
  }

  #fail(message: string, raw: string): void {
    if (this.#report !== undefined) this.#report.fail(message, raw)
    else this.#context.emit({ type: 'tool-error', raw, message })
  }
}

function isText(schema: JSONSchema | undefined, argument: string): boolean {
  const properties = schema?.properties as Readonly<Record<string, { type?: unknown }>> | undefined
  return properties !== undefined && Object.hasOwn(properties, argument) && properties[argument]?.type === 'string'
}

const syntaxMessage =
  'The call is not well formed. Write it as call:name{key:value}, with every string between its quotes and every bracket closed.'
