import { Guides } from '../../src/inference/constrain/Guides.js'
import type { LoadGrammarLibrary } from '../../src/inference/constrain/GrammarLibrary.js'
import { ChatCodec } from '../../src/inference/generate/ChatCodec.js'
import type { GenerateRequest } from '../../src/inference/types.js'
import type { ModelFiles } from '../../src/models/index.js'
import type { ToolSpec } from '../../src/tools/types.js'
import type { BenchRequest, CompileTimes, GrammarStep } from './types.js'

const trivial: ToolSpec = { name: 'nothing', description: '', inputSchema: { type: 'object', properties: {} } }

/** What constrained decoding itself takes, with nothing else running: the guide is asked as the decoder asks it. */
export class GrammarCost {
  readonly #codec: ChatCodec
  readonly #load: LoadGrammarLibrary
  readonly #guides: Guides
  readonly #vocabSize: number

  constructor(files: ModelFiles, load: LoadGrammarLibrary) {
    this.#codec = new ChatCodec(files)
    this.#load = load
    this.#vocabSize = Number(files.config.vocab_size)
    this.#guides = new Guides(this.#codec, load)
  }

  async steps({ say, tools }: BenchRequest, tokenIds: readonly number[]): Promise<GrammarStep[]> {
    const request: GenerateRequest = { messages: [{ role: 'user', content: say }], tools, constrained: true }
    const guide = this.#guides.create(request, this.#codec.encode(request))!
    const logits = Float32Array.from({ length: this.#vocabSize }, () => 0.5)
    const steps: GrammarStep[] = []
    for (let at = 0; at < tokenIds.length; at++) {
      const began = performance.now()
      const forced = await guide.takeForced()
      if (forced.some((id, i) => id !== tokenIds[at + i])) throw new Error('the answer was not written under this grammar')
      at += forced.length
      const found = performance.now()
      await guide.prepare()
      guide.mask(logits)
      const masked = performance.now()
      const isFree = logits.every((value) => value !== -Infinity)
      logits.fill(0.5)
      const accepting = performance.now()
      if (at < tokenIds.length) guide.accept(tokenIds[at]!)
      steps.push({ forcedMs: found - began, maskMs: isFree ? undefined : masked - found, acceptMs: performance.now() - accepting })
    }
    guide.dispose()
    return steps
  }

  async compileTimes(sets: readonly ToolSpec[][]): Promise<{ once: number; sets: CompileTimes[] }> {
    const guides = new Guides(this.#codec, this.#load)
    const once = await this.#toFirstMask(guides, [trivial])
    const times: CompileTimes[] = []
    for (const tools of sets) {
      const first = await this.#toFirstMask(guides, tools)
      times.push({ tools: tools.length, first, cached: await this.#toFirstMask(guides, tools) })
    }
    return { once, sets: times }
  }

  /** Milliseconds from a request's guide to its first mask. The prompt is a small one: fifty tools do not fit into it. */
  async #toFirstMask(guides: Guides, tools: ToolSpec[]): Promise<number> {
    const request = (offered: ToolSpec[]): GenerateRequest => ({ messages: [], tools: offered, toolChoice: 'required', constrained: true })
    const prompt = this.#codec.encode({ ...request([trivial]), messages: [{ role: 'user', content: 'Go' }] })
    const started = performance.now()
    const guide = guides.create(request(tools), prompt)!
    await guide.prepare()
    const took = performance.now() - started
    guide.dispose()
    return took
  }
}
