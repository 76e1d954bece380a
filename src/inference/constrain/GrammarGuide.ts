import type { CallGrammar, GrammarNode } from '../../tools/formats/grammar.js'
import type { Detokenizer } from '../tokenizer/Detokenizer.js'
import type { GrammarMatch } from './GrammarMatch.js'
import type { GrammarService } from './GrammarService.js'
import { GrammarOutlook } from './GrammarOutlook.js'
import type { Guide, Outlook } from './Guide.js'
import type { MarkerWatch, Opened } from './MarkerWatch.js'

/** How many tokens are kept to see what certain text is written behind. */
const MEMORY = 8

/** What may follow a marker. `start`: what of it the marker includes. Default nothing. */
export interface GuidedBlock extends Pick<CallGrammar, 'block' | 'isLast'> {
  start?: string
}

/** What a {@link GrammarGuide} follows. */
export interface GrammarGuideInit {
  service: GrammarService
  /** Tells where free text ends; undefined where there is none. */
  watch: MarkerWatch | undefined
  /** What may follow each marker; for an answer without free text, what it is, under ''. */
  blocks: ReadonlyMap<string, GuidedBlock>
  /** The prompt's tokens, and the start of the answer that is among them. */
  prompt: { ids: readonly number[]; opening: string }
}

/** Lets text pass freely until a marker, then only what the marker's grammar says, until that is over. */
export class GrammarGuide implements Guide {
  readonly #init: GrammarGuideInit
  readonly #text: Detokenizer
  #recent: number[]
  /** The block that has begun, before its grammar is there. */
  #opened: Opened | undefined
  #match: GrammarMatch | undefined

  constructor(init: GrammarGuideInit) {
    const { service, watch, blocks, prompt } = init
    this.#init = init
    this.#text = service.tokenizer.createDetokenizer({ keepSpecial: true })
    this.#recent = prompt.ids.slice(-MEMORY)
    for (const { block } of blocks.values()) service.warm(block)
    this.#opened = watch === undefined ? { opening: '', rest: prompt.opening } : watch.push(prompt.opening)
  }

  async prepare(): Promise<void> {
    await this.#enter()
    await this.#match?.prepare()
  }

  mask(logits: Float32Array): void {
    this.#match?.mask(logits)
  }

  /** A token may complete a marker and go on behind it: that much is not seen by any mask. */
  allows(id: number): boolean {
    if (this.#match !== undefined || this.#opened !== undefined) return true
    const text = this.#init.service.tokenizer.createDetokenizer({ keepSpecial: true }).push(id)
    const opened = this.#init.watch?.peek(text)
    const grammar = opened && this.#init.blocks.get(opened.opening)
    return grammar === undefined || startsLike(grammar.block, (grammar.start ?? '') + opened!.rest)
  }

  accept(id: number): void {
    this.#remember(id)
    const text = this.#text.push(id)
    if (this.#match !== undefined) {
      if (!this.#match.acceptToken(id)) this.#leave()
      else if (this.#match.isOver) this.#leave()
    } else if (this.#opened === undefined) this.#opened = this.#init.watch?.push(text)
  }

  async takeForced(): Promise<readonly number[]> {
    await this.#enter()
    const match = this.#match
    if (match === undefined) return []
    const forced = match.goForced(this.#recent, this.#init.service.canonical)
    for (const id of forced) {
      this.#remember(id)
      this.#text.push(id)
    }
    if (match.isOver) this.#leave()
    return forced
  }

  lookAhead(): Outlook | undefined {
    return this.#match && new GrammarOutlook(this.#match, this.#recent, this.#init.service.canonical)
  }

  dispose(): void {
    this.#match?.dispose()
    this.#match = undefined
  }

  async #enter(): Promise<void> {
    const opened = this.#opened
    if (opened === undefined || this.#match !== undefined) return
    const grammar = this.#init.blocks.get(opened.opening)
    if (grammar === undefined) return this.#leave()
    const match = await this.#init.service.match(grammar.block, { isLast: grammar.isLast ?? false })
    this.#match = match
    // What is written already and does not fit is left to the parser's judgement.
    if (!match.acceptText((grammar.start ?? '') + opened.rest)) this.#leave()
  }

  #leave(): void {
    this.dispose()
    this.#opened = undefined
    this.#init.watch?.close()
  }

  #remember(id: number): void {
    this.#recent.push(id)
    if (this.#recent.length > MEMORY) this.#recent.shift()
  }
}

/** Whether a block can begin with `text`, as far as its fixed beginnings tell. */
function startsLike(block: GrammarNode, text: string): boolean {
  return beginnings(block).some((fixed) => fixed.startsWith(text) || text.startsWith(fixed))
}

/** Texts of which a block begins with one. */
function beginnings(node: GrammarNode): readonly string[] {
  if ('text' in node) return [node.text]
  if ('choice' in node) return node.choice.flatMap(beginnings)
  if ('list' in node) return beginnings(node.list)
  if ('arguments' in node) {
    const names = Object.keys(node.arguments.properties ?? {})
    return names.length > 0 && !node.arguments.additionalProperties ? names : ['']
  }
  if (!('sequence' in node)) return ['']
  const [first, ...rest] = node.sequence
  if (first === undefined) return ['']
  return 'text' in first ? beginnings({ sequence: rest }).map((text) => first.text + text) : beginnings(first)
}
