import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers'
import { isLLMError, LLMError } from '../../errors/index.js'
import { broken, checkTokenizer } from './checkTokenizer.js'
import { Detokenizer, type TokenText } from './Detokenizer.js'
import { byteLevelTable, readSpelling, tokenBytes, type TokenSpelling } from './TokenBytes.js'

/** The parsed files a tokenizer is made from. */
export interface TokenizerFiles {
  /** `tokenizer.json`. */
  tokenizer: unknown
  /** `tokenizer_config.json`. */
  config: unknown
}

const specialNames = ['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token'] as const

/** Text to token ids and back, with the model's own tokenizer. */
export class Tokenizer {
  readonly #tokenizer: HuggingFaceTokenizer
  readonly #config: Record<string, unknown>
  readonly #spelling: TokenSpelling
  readonly #byteTable = byteLevelTable()
  readonly #texts = new Map<number, TokenText>()
  readonly #added: Map<number, { content: string; special: boolean }>

  /** @throws LLMError `tokenizer-missing` when the files are not a tokenizer, `model-corrupt` when its vocabulary is broken. */
  constructor(files: TokenizerFiles) {
    this.#config = isRecord(files.config) ? files.config : {}
    checkTokenizer(files.tokenizer)
    try {
      this.#tokenizer = new HuggingFaceTokenizer(files.tokenizer, this.#config)
      this.#spelling = readSpelling((files.tokenizer as { decoder?: unknown }).decoder)
    } catch (cause) {
      if (isLLMError(cause)) throw cause
      throw new LLMError({
        code: 'tokenizer-missing',
        subject: 'tokenizer.json',
        message: 'tokenizer.json is not a tokenizer that can be read. Export the model with its fast tokenizer.',
        cause,
      })
    }
    this.#added = this.#tokenizer.get_added_tokens_decoder()
  }

  /**
   * Token ids of `text`. Adds no special tokens; special tokens spelled out in `text` count as such.
   * @throws LLMError `model-corrupt` when the tokenizer has no tokens for it.
   */
  encode(text: string): number[] {
    let ids: (number | undefined)[]
    try {
      ids = this.#tokenizer.encode(text, { add_special_tokens: false }).ids
    } catch (cause) {
      throw broken('cannot turn text into tokens', cause)
    }
    if (ids.includes(undefined)) throw broken('lacks a token that its own rules lead to')
    return ids as number[]
  }

  /** Id of a token by its exact content. */
  idOf(token: string): number | undefined {
    return this.#tokenizer.token_to_id(token)
  }

  /** How the vocabulary spells bytes. */
  get spelling(): TokenSpelling {
    return this.#spelling
  }

  /** Every token as the vocabulary writes it. `isAdded`: it stands outside the learned vocabulary, as plain text. */
  vocabulary(): { id: number; content: string; isAdded: boolean }[] {
    // Ids that no token has come as one without text.
    const entries: [string | undefined, number][] = [...this.#tokenizer.get_vocab(false)]
    const learned = entries.flatMap(([content, id]) => (content === undefined ? [] : [{ id, content, isAdded: false }]))
    // Added tokens may be part of the learned vocabulary, too; what they are added as goes first.
    return [...learned, ...[...this.#added].map(([id, { content }]) => ({ id, content, isAdded: true }))]
  }

  /** Content of every token that stands outside the learned vocabulary, e.g. `<|im_end|>`. */
  get addedTokens(): string[] {
    return [...this.#added.values()].map((token) => token.content)
  }

  /** `bos_token`, `eos_token` and the like, as chat templates use them. */
  get namedTokens(): Record<string, string> {
    const named: Record<string, string> = {}
    for (const name of specialNames) {
      const content = tokenContent(this.#config[name])
      if (content !== undefined) named[name] = content
    }
    return named
  }

  /** A detokenizer for one generation. `keepSpecial` passes markers like `<|im_end|>` through. */
  createDetokenizer(options: { keepSpecial: boolean }): Detokenizer {
    const stripStart = this.#spelling.kind === 'byte-fallback' && this.#spelling.stripStart
    return new Detokenizer((id) => this.#textOf(id), { ...options, stripStart })
  }

  #textOf(id: number): TokenText {
    let text = this.#texts.get(id)
    if (text === undefined) {
      const added = this.#added.get(id)
      text = added
        ? { bytes: new TextEncoder().encode(added.content), special: added.special }
        : { bytes: tokenBytes(this.#tokenizer.id_to_token(id) ?? '', this.#spelling, this.#byteTable), special: false }
      this.#texts.set(id, text)
    }
    return text
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function tokenContent(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (isRecord(value) && typeof value.content === 'string') return value.content
  return undefined
}
