import { LLMError } from '../errors/index.js'
import type { CoreMemory } from './CoreMemory.js'
import type { KVPages } from './KVPages.js'
import { PAGE_TOKENS, type PageShape } from './PageShape.js'
import type { Sequence } from './Sequence.js'

/** Version of the image's form. */
const IMAGE_VERSION = 1
/** `RELK` as a little-endian number. */
const MAGIC = 0x4b4c4552
const HEADER_BYTES = 64

/**
 * Keys and values as bytes that outlive the process: a header of 64 bytes, then the pages as they lie in memory. The header is uint32,
 * little-endian: `RELK`, version of the image, `NUMERICS_VERSION`, layers, key-value heads, dimensions of a head, tokens of a page,
 * tokens, and zeros. The last page's slots behind the tokens are zeros.
 *
 * An image belongs to the weights that made it; whoever keeps it keeps their hash beside it.
 */
export class SequenceImages {
  readonly #memory: CoreMemory
  readonly #pages: KVPages
  readonly #shape: PageShape
  readonly #numerics: number
  readonly #context: number

  /**
   * @param numerics the core's `NUMERICS_VERSION`
   * @param context most tokens of a sequence
   */
  constructor(memory: CoreMemory, pages: KVPages, shape: PageShape, numerics: number, context: number) {
    this.#memory = memory
    this.#pages = pages
    this.#shape = shape
    this.#numerics = numerics
    this.#context = context
  }

  /** Bytes of the image of so many tokens. */
  byteLength(tokens: number): number {
    return HEADER_BYTES + Math.ceil(tokens / PAGE_TOKENS) * this.#shape.bytes
  }

  /**
   * The image of a sequence's first `tokens` tokens, in parts that are the caller's own: the header, then a page at a time. Parts are
   * made when they are asked for; until the last one the sequence must keep these tokens.
   * @param tokens default: all.
   * @throws RangeError for more tokens than there are.
   */
  *write(sequence: Sequence, tokens = sequence.length): Generator<Uint8Array<ArrayBuffer>, void> {
    yield this.#header(this.#checked(sequence, tokens))
    for (let start = 0; start < tokens; start += PAGE_TOKENS) {
      this.#checked(sequence, tokens)
      const part = new Uint8Array(this.#shape.bytes)
      const page = sequence.pages[start / PAGE_TOKENS]!
      part.set(this.#memory.bytes().subarray(page, page + part.length))
      if (tokens - start < PAGE_TOKENS) this.#shape.clear(part, tokens - start)
      yield part
    }
  }

  /** Takes an image in, in parts of any size, as a stream gives them. */
  reader(): SequenceReader {
    return new SequenceReader(this.#memory, this.#pages.sequence(), this.#shape.bytes, (header) => this.#tokens(header))
  }

  #checked(sequence: Sequence, tokens: number): number {
    if (tokens < 0 || tokens > sequence.length) throw new RangeError(`The sequence has ${sequence.length} tokens, not ${tokens}`)
    return tokens
  }

  #header(tokens: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(HEADER_BYTES)
    const view = new DataView(bytes.buffer)
    ;[...this.#expected(), tokens].forEach((value, i) => view.setUint32(4 * i, value, true))
    return bytes
  }

  #tokens(header: Uint8Array): number {
    const view = new DataView(header.buffer, header.byteOffset)
    const expected = this.#expected()
    if (expected.some((value, i) => view.getUint32(4 * i, true) !== value)) {
      throw unusable('They were made by another model or by another version.')
    }
    const tokens = view.getUint32(4 * expected.length, true)
    if (tokens > this.#context) throw unusable('They are of more tokens than the model holds.')
    return tokens
  }

  #expected(): number[] {
    const { layers, keyValueHeads, headDim } = this.#shape
    return [MAGIC, IMAGE_VERSION, this.#numerics, layers, keyValueHeads, headDim, PAGE_TOKENS]
  }
}

/** Makes a sequence from the parts of an image. */
export class SequenceReader {
  readonly #memory: CoreMemory
  readonly #sequence: Sequence
  readonly #pageBytes: number
  readonly #tokensOf: (header: Uint8Array) => number
  readonly #header = new Uint8Array(HEADER_BYTES)
  #tokens: number | undefined
  #at = 0

  /** Made by {@link SequenceImages.reader}. */
  constructor(memory: CoreMemory, sequence: Sequence, pageBytes: number, tokensOf: (header: Uint8Array) => number) {
    this.#memory = memory
    this.#sequence = sequence
    this.#pageBytes = pageBytes
    this.#tokensOf = tokensOf
  }

  /**
   * The next bytes, which are copied straight to their place.
   * @throws LLMError `storage` for an image that is not of this model and version, or too long; `out-of-memory`. What was taken in is given back then.
   */
  write(bytes: Uint8Array): void {
    try {
      for (let rest = bytes; rest.length > 0; ) rest = rest.subarray(this.#take(rest))
    } catch (cause) {
      this.dispose()
      throw cause
    }
  }

  /**
   * The sequence, when all bytes are there.
   * @throws LLMError `storage` for an image that is too short.
   */
  end(): Sequence {
    if (this.#tokens === undefined || this.#at < this.#end) {
      this.dispose()
      throw unusable('They are incomplete.')
    }
    this.#sequence.advance(this.#tokens)
    return this.#sequence
  }

  /** Gives back what was taken in. Not after {@link end}. */
  dispose(): void {
    this.#sequence.dispose()
  }

  get #end(): number {
    return HEADER_BYTES + this.#sequence.pages.length * this.#pageBytes
  }

  /** Copies as much as goes to one place; how much that was. */
  #take(bytes: Uint8Array): number {
    const inHeader = HEADER_BYTES - this.#at
    if (inHeader > 0) {
      const part = bytes.subarray(0, inHeader)
      this.#header.set(part, this.#at)
      this.#at += part.length
      if (this.#at === HEADER_BYTES) {
        this.#tokens = this.#tokensOf(this.#header)
        this.#sequence.reserve(this.#tokens)
      }
      return part.length
    }
    const offset = this.#at - HEADER_BYTES
    const page = this.#sequence.pages[Math.floor(offset / this.#pageBytes)]
    if (page === undefined) throw unusable('They have more bytes than they should.')
    const inPage = offset % this.#pageBytes
    const part = bytes.subarray(0, this.#pageBytes - inPage)
    this.#memory.bytes().set(part, page + inPage)
    this.#at += part.length
    return part.length
  }
}

function unusable(why: string): LLMError {
  return new LLMError({ code: 'storage', subject: 'keys and values', message: `Stored keys and values cannot be used. ${why} They are computed anew.` })
}
