import { Guides } from '../../src/inference/constrain/Guides.js'
import type { ChatCodec } from '../../src/inference/generate/ChatCodec.js'
import { Decoder, type DecoderOptions } from '../../src/inference/generate/Decoder.js'
import { Turn } from '../../src/inference/generate/Turn.js'
import { Sampler } from '../../src/inference/sampling/Sampler.js'
import { saidWords } from '../../src/inference/speculation/saidWords.js'
import { TokenKinds } from '../../src/inference/speculation/TokenKinds.js'
import type { GenerateEvent, GenerateRequest } from '../../src/inference/types.js'
import { loadGrammarLibrary } from './grammarLibrary.js'
import { ScriptedBackend, type Wish } from './ScriptedBackend.js'

const vocabSize = 49_152

/** A model that wants to write something and is kept within the grammar of its format. */
export class GuidedModel {
  readonly codec: ChatCodec
  readonly #guides: Guides
  readonly #kinds: TokenKinds

  constructor(codec: ChatCodec, guides = new Guides(codec, loadGrammarLibrary)) {
    this.codec = codec
    this.#guides = guides
    this.#kinds = new TokenKinds(codec.tokenizer, vocabSize)
  }

  /** Answers a request. @param wish by the prompt's length @param options.maxRows of logits; default 1, without drafts */
  async answer(request: GenerateRequest, wish: (prompt: number) => Wish, { maxRows = 1, ...options }: DecoderOptions & { maxRows?: number } = {}) {
    const events: GenerateEvent[] = []
    const turn = new Turn(this.codec, request, (update) => events.push(...update.events), this.#guides)
    const backend = new ScriptedBackend(vocabSize, wish(turn.prompt.length), maxRows)
    const sampler = new Sampler(vocabSize)
    sampler.start(request, turn.prompt)
    const ids: number[] = []
    const counts = { forwardPasses: 0, draftedTokens: 0, acceptedTokens: 0 }
    const drafting = { endTokens: this.codec.endTokens, kindOf: (id: number) => this.#kinds.of(id) }
    const outcome = await new Decoder(backend, { drafting, ...options }).decode({
      prompt: turn.prompt,
      maxTokens: turn.maxTokens,
      hints: { said: saidWords(this.codec.tokenizer, request.messages) },
      counts,
      sampler,
      guide: turn.guide,
      probe: { check: () => false },
      onPrefill: (reused) => turn.start(reused),
      onToken: (id) => {
        ids.push(id)
        return turn.accept(id)
      },
    })
    turn.finish(outcome, undefined)
    const calls = events.flatMap((event) => (event.type === 'tool-call' ? [{ name: event.name, input: event.input }] : []))
    const text = events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('')
    const reasoning = events.map((event) => (event.type === 'reasoning-delta' ? event.text : '')).join('')
    const errors = events.filter(({ type }) => type === 'tool-error')
    return { counts, events, calls, errors, text, reasoning, ids, written: this.textOf(ids), runs: backend.runs.filter((run) => run.length > 0) }
  }

  /** The wish to write `text` and then end, in the tokenizer's own tokens as far as it gets. */
  writing(text: string, end: string): (prompt: number) => Wish {
    const { tokenizer } = this.codec
    const wanted = tokenizer.encode(text)
    const last = tokenizer.idOf(end)!
    return (prompt) => (fed) => {
      const ids = fed.slice(prompt)
      if (ids.every((id, i) => id === wanted[i])) return [[wanted[ids.length] ?? last, 10]]
      const written = this.textOf(ids)
      return text.startsWith(written) ? [[tokenizer.encode(text.slice(written.length))[0] ?? last, 10]] : []
    }
  }

  textOf(ids: readonly number[]): string {
    const detokenizer = this.codec.tokenizer.createDetokenizer({ keepSpecial: true })
    return ids.map((id) => detokenizer.push(id)).join('')
  }
}
