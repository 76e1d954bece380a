import { cutOffMessage } from './cutOffMessage.js'
import { DamagedBlock } from './DamagedBlock.js'
import { JSONArgumentsReader } from './JSONArgumentsReader.js'
import type { CallReader, CallReaderContext, CallReaderEnd, ParserFinishReason } from './types.js'

type Step = 'more' | CallReaderEnd

const start = '<|start|>'
const channel = '<|channel|>'
const message = '<|message|>'
/** Any of these ends a message. */
const ends = ['<|end|>', '<|call|>', '<|return|>']
const longestEnd = Math.max(start.length, ...ends.map((end) => end.length))
const callHeader = `${channel}commentary to=functions.`
/** Longer than any header, whatever the tool's name. */
const longestHeader = 300

/**
 * Reads what stands between a harmony message's first marker and its content: who it is to, and by which
 * channel. A message to a function is a call and is read to its end.
 */
export class HarmonyReader implements CallReader {
  readonly #context: CallReaderContext
  #state: 'header' | 'content' | 'called' | 'foreign' | 'ended'
  /** What was written, the marker included. */
  #raw: string
  #name = ''
  #arguments: JSONArgumentsReader | undefined
  #damage: DamagedBlock | undefined
  /** What has come behind the call, or behind a message's end. */
  #tail = ''

  constructor(context: CallReaderContext) {
    this.#context = context
    this.#state = ends.includes(context.opening) ? 'ended' : 'header'
    this.#raw = context.opening
  }

  push(character: string): Step {
    if (this.#damage !== undefined) return this.#pushDamaged(this.#damage, character)
    if (this.#state === 'ended') return this.#pushEnded(character)
    if (this.#state === 'called') return this.#pushCalled(character)
    if (this.#state === 'foreign') return this.#pushForeign(character)
    this.#raw += character
    return this.#state === 'header' ? this.#pushHeader() : this.#pushContent(character)
  }

  finish(reason: ParserFinishReason): CallReaderEnd {
    const cut = reason === 'length' || reason === 'abort'
    if (this.#state === 'ended') return { rest: this.#tail, section: 'text' }
    if (this.#state === 'foreign' || this.#state === 'called') return { rest: '', section: 'text' }
    if (this.#damage !== undefined) {
      this.#fail(cut ? cutOffMessage(reason) : syntaxMessage, this.#damage.raw)
      return { rest: '', section: 'text' }
    }
    if (this.#state === 'header') return this.#finishHeader(reason, cut)
    // A string that never ends has swallowed all that came after the call.
    const written = this.#written
    const found = cut ? [] : ends.map((end) => written.indexOf(end)).filter((at) => at !== -1)
    const end = Math.min(written.length, ...found)
    this.#fail(cutOffMessage(reason), written.slice(0, end))
    return { rest: written.slice(end), section: 'text' }
  }

  #finishHeader(reason: ParserFinishReason, cut: boolean): CallReaderEnd {
    const written = this.#written
    const mayCall = recipientOf(this.#raw) !== undefined || (cut && written.length > 1 && callHeader.startsWith(written))
    if (mayCall) this.#fail(cutOffMessage(reason), written)
    return { rest: '', section: 'text', ...(/^\s+$/.test(written) && { text: written }) }
  }

  /** The message as written, without the role before it, which may come from the prompt. */
  get #written(): string {
    return this.#raw.replace(/^<\|start\|>(assistant)?/, '')
  }

  #pushHeader(): Step {
    if (this.#raw.endsWith(message)) return this.#begin()
    const interrupted = [start, ...ends].find((marker) => this.#raw.length > marker.length && this.#raw.endsWith(marker))
    if (interrupted !== undefined) {
      const written = this.#written.slice(0, -interrupted.length)
      if (recipientOf(this.#raw) !== undefined) this.#fail(syntaxMessage, written)
      return { rest: interrupted, section: 'text' }
    }
    if (mayBeHeader(this.#raw)) return 'more'
    return this.#leaveHeader()
  }

  /** Text that forgot its header, or lost the end of it. */
  #leaveHeader(): CallReaderEnd {
    const name = /^<\|channel\|>\s?(analysis|commentary|final)?/.exec(this.#written)
    const rest = this.#written.slice(name?.[0].length ?? 0)
    return { rest, section: name?.[1] === 'analysis' ? 'reasoning' : 'text' }
  }

  #begin(): Step {
    const role = /^<\|start\|>([^\s<]+)/.exec(this.#raw)?.[1] ?? 'assistant'
    const recipient = recipientOf(this.#raw)
    if (role !== 'assistant') {
      this.#state = 'foreign'
    } else if (recipient === undefined || recipient === 'user' || recipient === 'all') {
      const isReasoning = /<\|channel\|>\s*analysis/.test(this.#raw)
      return { rest: '', section: isReasoning ? 'reasoning' : 'text' }
    } else {
      this.#name = recipient.replace(/^functions\./, '')
      this.#state = 'content'
    }
    return 'more'
  }

  #pushContent(character: string): Step {
    if (this.#arguments === undefined) {
      if (this.#tail !== '' || character === '<') return this.#pushEmpty(character)
      if (/\s/.test(character)) return 'more'
      this.#arguments = new JSONArgumentsReader(this.#context, this.#name)
      if (character !== '{') return this.#damaged()
    }
    const step = this.#arguments.push(character)
    if (step === 'broken') return this.#damaged()
    if (step === 'done') this.#complete(this.#written)
    return 'more'
  }

  /** A message's end right behind its header: a call without arguments. */
  #pushEmpty(character: string): Step {
    this.#tail += character
    const end = this.#tail
    if (ends.some((marker) => marker !== end && marker.startsWith(end))) return 'more'
    this.#arguments = new JSONArgumentsReader(this.#context, this.#name)
    if (!ends.includes(end)) return this.#damaged()
    for (const brace of '{}') this.#arguments.push(brace)
    this.#complete(this.#written)
    return { rest: end, section: 'text' }
  }

  #complete(raw: string): void {
    this.#arguments?.complete(raw)
    this.#state = 'called'
    this.#tail = ''
  }

  /** Blanks belong to the call; anything else is text whose end of message was forgotten. */
  #pushCalled(character: string): Step {
    this.#tail += character
    const tag = this.#tail.trimStart()
    if (tag === '') return 'more'
    const markers = [...ends, start, channel]
    if (markers.includes(tag)) return { rest: tag, section: 'text' }
    return markers.some((marker) => marker.startsWith(tag)) ? 'more' : { rest: this.#tail, section: 'text' }
  }

  /** Blanks between messages belong to neither. */
  #pushEnded(character: string): Step {
    this.#tail += character
    const tag = this.#tail.trimStart()
    if (tag === '') return 'more'
    const markers = [start, channel, ...ends]
    if (markers.includes(tag)) return { rest: tag, section: 'text' }
    return markers.some((marker) => marker.startsWith(tag)) ? 'more' : { rest: this.#tail, section: 'text' }
  }

  /** A message that is not the assistant's: a tool's result, say, that the model makes up. */
  #pushForeign(character: string): Step {
    this.#tail = (this.#tail + character).slice(-longestEnd)
    const end = [start, ...ends].find((marker) => this.#tail.endsWith(marker))
    return end === undefined ? 'more' : { rest: end, section: 'text' }
  }

  /** What was read last broke the call; it may already begin the marker that ends it. */
  #damaged(): Step {
    const written = this.#written
    const at = this.#tail === '' ? written.length - 1 : written.length - this.#tail.length
    this.#damage = new DamagedBlock(written.slice(0, at), { opening: [start, ...ends], closing: [] })
    return this.#pushDamaged(this.#damage, written.slice(at))
  }

  #pushDamaged(damage: DamagedBlock, text: string): Step {
    const end = damage.push(text)
    if (end === undefined) return 'more'
    this.#fail(syntaxMessage, end.raw)
    return { rest: end.rest, section: 'text' }
  }

  #fail(message: string, raw: string): void {
    if (this.#arguments !== undefined) this.#arguments.fail(message, raw)
    else this.#context.emit({ type: 'tool-error', raw, message })
  }
}

const syntaxMessage = 'The call cannot be read. Name the function as the recipient and write its arguments as one JSON object.'

/** Whom a message is to, by the header so far; undefined where it names nobody. */
function recipientOf(header: string): string | undefined {
  return /\sto=([^\s<]+)/.exec(header)?.[1]
}

/** Whether this can be a header, or the beginning of one. */
function mayBeHeader(text: string): boolean {
  if (text.length > longestHeader) return false
  let rest = text
  if (text.startsWith(start)) {
    const [written = '', role = ''] = /^([\w.-]*)( to=[^\s<]*| to?$| $)?/.exec(text.slice(start.length)) ?? []
    // The assistant's own text, stuck to its role.
    if (role !== 'assistant' && role.startsWith('assistant')) return false
    rest = text.slice(start.length + written.length)
  }
  if ([channel, message].some((marker) => marker.startsWith(rest))) return true
  return /^(<\|channel\|>\s?\w*( to=[^\s<]*| to?$)?)? ?(<\|constrain\|>)? ?\w*(<(\|([a-z]+\|?)?)?)?$/.test(rest)
}
