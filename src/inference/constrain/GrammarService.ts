import type { CompiledGrammar, GrammarCompiler } from '@mlc-ai/web-xgrammar'
import { isLLMError, LLMError } from '../../errors/index.js'
import type { GrammarNode } from '../../tools/formats/grammar.js'
import type { Tokenizer } from '../tokenizer/Tokenizer.js'
import { CanonicalTokens } from './CanonicalTokens.js'
import { grammarVocabulary } from './grammarVocabulary.js'
import { GrammarMatch } from './GrammarMatch.js'
import type { LoadGrammarLibrary, GrammarLibrary } from './GrammarLibrary.js'

/** Compiled grammars that are kept: tool sets of several screens, none of them large. */
const KEPT_GRAMMARS = 16

/** One instance of the library, with this model's vocabulary in it. */
interface Opened {
  library: GrammarLibrary
  compiler: GrammarCompiler
}

interface Compiled {
  opened: Opened
  grammar: CompiledGrammar
}

/** What a {@link GrammarService} is made from. */
export interface GrammarServiceInit {
  tokenizer: Tokenizer
  /** Texts of the format. A control token that is part of one counts as the text it shows, all others are forbidden. */
  markers: readonly string[]
  /** Tokens that end an answer. */
  endTokens: ReadonlySet<number>
  /** Undefined where the platform brings no grammar. */
  load: LoadGrammarLibrary | undefined
}

/**
 * Compiles grammars for one model's vocabulary, and keeps them. Loads its library with the first one, and
 * anew after an error in it, with which its WebAssembly has ended.
 */
export class GrammarService {
  readonly tokenizer: Tokenizer
  /** How certain text is tokenized. */
  readonly canonical: CanonicalTokens
  readonly #init: GrammarServiceInit
  readonly #compiled = new Map<string, Promise<Compiled>>()
  #opened: Promise<Opened> | undefined
  /** What `#opened` has given. */
  #current: Opened | undefined

  constructor(init: GrammarServiceInit) {
    this.#init = init
    this.tokenizer = init.tokenizer
    this.canonical = new CanonicalTokens(init.tokenizer)
  }

  /** Loads the library, with this model's vocabulary in it; failures show when it is needed. */
  prepare(): void {
    void this.#open().catch(() => undefined)
  }

  /** Starts to compile what will be needed; failures show when it is. */
  warm(node: GrammarNode): void {
    void this.#grammar(node).catch(() => undefined)
  }

  /**
   * A matcher at the start of `node`.
   * @param options.isLast whether nothing may follow but the end of the answer; else text goes on freely.
   * @throws LLMError `constrained-unavailable` where the library cannot be loaded or fails.
   */
  async match(node: GrammarNode, { isLast }: { isLast: boolean }): Promise<GrammarMatch> {
    const { opened, grammar } = await this.#grammar(node)
    const matcher = await this.#guarded(opened, () => opened.library.GrammarMatcher.createGrammarMatcher(grammar, undefined, !isLast))
    return new GrammarMatch(matcher, (cause) => this.#drop(opened, cause))
  }

  async #grammar(node: GrammarNode): Promise<Compiled> {
    const key = JSON.stringify(node)
    const known = this.#compiled.get(key)
    if (known !== undefined) {
      // Moves to the end, which is dropped last.
      this.#compiled.delete(key)
      this.#compiled.set(key, known)
      return known
    }
    const compiled = this.#compile(node)
    this.#compiled.set(key, compiled)
    compiled.catch(() => {
      if (this.#compiled.get(key) === compiled) this.#compiled.delete(key)
    })
    this.#dropOldest()
    return compiled
  }

  async #compile(node: GrammarNode): Promise<Compiled> {
    const opened = await this.#open()
    const { library, compiler } = opened
    const text = library.grammarText(node)
    return this.#guarded(opened, async () => {
      const source = await library.Grammar.fromEBNF(text)
      const grammar = await compiler.compileGrammar(source)
      source.dispose()
      return { opened, grammar }
    })
  }

  #dropOldest(): void {
    const [oldest] = this.#compiled
    if (this.#compiled.size <= KEPT_GRAMMARS || oldest === undefined) return
    this.#compiled.delete(oldest[0])
    // Matchers hold what they need of a grammar by themselves.
    oldest[1].then(({ grammar }) => grammar.dispose()).catch(() => undefined)
  }

  #open(): Promise<Opened> {
    if (this.#opened !== undefined) return this.#opened
    const opened = this.#load().catch((cause: unknown) => {
      if (this.#opened === opened) this.#opened = undefined
      throw isLLMError(cause) ? cause : unavailable(cause)
    })
    this.#opened = opened
    return opened
  }

  async #load(): Promise<Opened> {
    const { tokenizer, markers, endTokens, load } = this.#init
    if (load === undefined) throw new Error('this platform brings no grammar library')
    const library = await load()
    const { tokens, type } = grammarVocabulary(tokenizer, markers)
    const info = await library.TokenizerInfo.createTokenizerInfo(tokens, type, false, tokens.length, [...endTokens])
    // Its own cache would never shrink.
    const compiler = await library.GrammarCompiler.createGrammarCompiler(info, false)
    this.#current = { library, compiler }
    return this.#current
  }

  async #guarded<T>(opened: Opened, run: () => Promise<T>): Promise<T> {
    try {
      return await run()
    } catch (cause) {
      throw this.#drop(opened, cause)
    }
  }

  /** Nothing that a broken instance holds can be used again; the next request gets another one. */
  #drop(opened: Opened, cause: unknown): Error {
    if (this.#current === opened) {
      this.#current = undefined
      this.#opened = undefined
      this.#compiled.clear()
    }
    return isLLMError(cause) ? cause : unavailable(cause)
  }
}

function unavailable(cause: unknown): LLMError {
  const detail = cause instanceof Error ? cause.message : String(cause)
  return new LLMError({
    code: 'constrained-unavailable',
    subject: 'grammar',
    message:
      `The grammar that keeps calls within their schemas could not be set up: ${detail}. See that the app's build and server ` +
      'carry the kit\'s worker/grammar.mjs, or set `constrained: false`.',
    cause,
  })
}
