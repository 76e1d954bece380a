import { CallReport } from './CallReport.js'
import { cutOffMessage } from './cutOffMessage.js'
import { DamagedBlock } from './DamagedBlock.js'
import { TaggedJSONReader } from './TaggedJSONReader.js'
import type { CallReader, CallReaderContext, CallReaderEnd, ParserFinishReason } from './types.js'
import { XMLValueReader } from './XMLValueReader.js'

type Step = 'more' | CallReaderEnd

const blockOpen = '<tool_call>'
const blockClose = '</tool_call>'
const functionOpen = '<function='
const functionClose = '</function>'
const parameterOpen = '<parameter='

/** The tags that can stand where no word or value is being written. */
const tagsIn = {
  before: [functionOpen],
  name: [],
  key: [],
  value: [],
  body: [parameterOpen, functionClose, blockClose],
  after: [functionOpen, blockClose],
} as const

/**
 * Reads `<function=name><parameter=key>value</parameter></function>`, several in one block where a model
 * writes so. The block's own tags may be missing.
 */
export class XMLCallReader implements CallReader {
  readonly #context: CallReaderContext
  /** Whether the call stands without a block around it. */
  readonly #isAlone: boolean
  #state: keyof typeof tagsIn
  #report: CallReport | undefined
  #name = ''
  #key = ''
  readonly #keys = new Set<string>()
  #value: XMLValueReader | undefined
  /** Characters that may yet become a tag. */
  #tag = ''
  /** Blanks behind a call. */
  #gap = ''
  /** The call as the model wrote it, with the opening tag before it. */
  #raw: string
  #damage: DamagedBlock | undefined
  #json: TaggedJSONReader | undefined

  constructor(context: CallReaderContext) {
    this.#context = context
    this.#isAlone = context.opening === functionOpen
    this.#state = this.#isAlone ? 'name' : 'before'
    this.#raw = context.opening
  }

  push(character: string): Step {
    if (this.#json !== undefined) return this.#json.push(character)
    if (this.#damage !== undefined) return this.#pushDamaged(character)
    this.#raw += character
    if (this.#state === 'value') return this.#pushValue(character)
    if (this.#state === 'name' || this.#state === 'key') return this.#pushWord(this.#state, character)
    if (this.#tag === '' && /\s/.test(character)) {
      this.#gap += character
      return 'more'
    }
    return this.#pushTag(character)
  }

  finish(reason: ParserFinishReason): CallReaderEnd {
    if (this.#json !== undefined) return this.#json.finish(reason)
    const wasCut = reason === 'length' || reason === 'abort'
    if (this.#damage !== undefined) {
      this.#fail(wasCut ? cutOffMessage(reason) : syntaxMessage, this.#damage.raw)
      return { rest: '' }
    }
    if (this.#state === 'after') {
      if (!wasCut) return { rest: this.#tag === '' ? '' : this.#gap + this.#tag }
      if (this.#tag.length > 1 && functionOpen.startsWith(this.#tag)) this.#fail(cutOffMessage(reason), blockOpen + this.#tag)
      return { rest: '' }
    }
    if (this.#isAlone && this.#state === 'name' && !wasCut) return this.#leaveAsText()
    // A value that never ends has swallowed all that came after the call.
    const swallowed = wasCut ? -1 : this.#raw.indexOf(blockClose)
    const end = swallowed === -1 ? this.#raw.length : swallowed + blockClose.length
    this.#fail(cutOffMessage(reason), this.#raw.slice(0, end))
    return { rest: this.#raw.slice(end) }
  }

  #pushTag(character: string): Step {
    if (this.#state === 'before' && this.#tag === '' && character === '{') return this.#readJSON()
    const tag = (this.#tag += character)
    const tags: readonly string[] = tagsIn[this.#state]
    if (tags.includes(tag)) {
      this.#tag = ''
      return this.#enter(tag)
    }
    if (tags.some((other) => other.startsWith(tag))) return 'more'
    return this.#state === 'after' ? { rest: this.#gap + tag } : this.#damaged()
  }

  #enter(tag: string): Step {
    if (tag === parameterOpen) {
      this.#state = 'key'
      this.#key = ''
    } else if (tag === functionOpen) this.#begin()
    else if (this.#state === 'after') return { rest: '' }
    else return this.#complete(tag)
    this.#gap = ''
    return 'more'
  }

  /** The same tags around JSON, which models of the family fall back to. */
  #readJSON(): Step {
    this.#json = new TaggedJSONReader(this.#context, blockClose)
    let step: Step = 'more'
    for (const character of this.#raw.slice(blockOpen.length)) step = this.#json.push(character)
    return step
  }

  #begin(): void {
    if (this.#state === 'after') this.#raw = blockOpen + functionOpen
    this.#state = 'name'
    this.#name = ''
  }

  #pushWord(state: 'name' | 'key', character: string): Step {
    if (character !== '>') {
      if (/[\n<]/.test(character)) return this.#isAlone && state === 'name' ? this.#leaveAsText() : this.#damaged()
      if (state === 'name') this.#name += character
      else this.#key += character
      return 'more'
    }
    return state === 'name' ? this.#startCall() : this.#startValue()
  }

  #startCall(): Step {
    this.#report = new CallReport(this.#context)
    this.#report.start(this.#name.trim())
    this.#report.write('{')
    this.#keys.clear()
    this.#state = 'body'
    return 'more'
  }

  #startValue(): Step {
    // Which of two was meant, nobody knows.
    if (this.#keys.has(this.#key)) return this.#damaged()
    const write = (json: string): void => this.#report?.write(json)
    write(`${this.#keys.size > 0 ? ',' : ''}${JSON.stringify(this.#key)}:`)
    this.#keys.add(this.#key)
    this.#value = new XMLValueReader(this.#context.schema(this.#name.trim()), this.#key, write)
    this.#state = 'value'
    return 'more'
  }

  #pushValue(character: string): Step {
    const tag = this.#value?.push(character)
    if (tag === undefined) return 'more'
    this.#state = 'body'
    return this.#enter(tag)
  }

  #complete(tag: string): Step {
    this.#report?.write('}')
    this.#report?.complete(this.#raw)
    this.#report = undefined
    this.#state = 'after'
    this.#gap = ''
    return this.#isAlone || tag === blockClose ? { rest: '' } : 'more'
  }

  #damaged(): Step {
    // The tag that could not be read may be the beginning of the one that ends the damage.
    const pending = this.#tag === '' ? this.#raw.slice(-1) : this.#tag
    const closing = this.#isAlone ? [blockClose, functionClose] : [blockClose]
    this.#damage = new DamagedBlock(this.#raw.slice(0, -pending.length), { opening: [blockOpen], closing })
    return this.#pushDamaged(pending)
  }

  #pushDamaged(text: string): Step {
    const end = this.#damage?.push(text)
    if (end === undefined) return 'more'
    this.#fail(syntaxMessage, end.raw)
    return { rest: end.rest }
  }

  /** What looked like a call's opening, in words about such tags. */
  #leaveAsText(): CallReaderEnd {
    return { text: functionOpen, rest: this.#raw.slice(functionOpen.length) }
  }

  #fail(message: string, raw: string): void {
    if (this.#report !== undefined) this.#report.fail(message, raw)
    else this.#context.emit({ type: 'tool-error', raw, message })
    this.#report = undefined
  }
}

const syntaxMessage =
  'The call is not well formed. Write <function=name>, each argument as <parameter=key>value</parameter>, then </function>.'
