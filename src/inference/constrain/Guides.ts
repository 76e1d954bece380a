import { LLMError } from '../../errors/index.js'
import type { CallGrammar, GrammarNode } from '../../tools/formats/grammar.js'
import type { ToolFormat } from '../../tools/index.js'
import { activeTools, type ChatCodec, type EncodedPrompt } from '../generate/ChatCodec.js'
import type { GenerateRequest } from '../types.js'
import { GrammarGuide } from './GrammarGuide.js'
import { GrammarService } from './GrammarService.js'
import type { Guide } from './Guide.js'
import { MarkerWatch } from './MarkerWatch.js'
import type { LoadGrammarLibrary } from './GrammarLibrary.js'

/** Decides what of an answer is constrained, and makes the guide for it. One for each model. */
export class Guides {
  readonly #codec: ChatCodec
  readonly #service: GrammarService
  readonly #isAvailable: boolean

  /** @param load undefined where the platform brings no grammar: then nothing is constrained. */
  constructor(codec: ChatCodec, load: LoadGrammarLibrary | undefined) {
    this.#codec = codec
    this.#isAvailable = load !== undefined
    const { tokenizer, format, endTokens } = codec
    const markers = format === undefined ? [] : [...format.opening, ...format.closing, ...fixedTexts(format)]
    this.#service = new GrammarService({ tokenizer, markers, endTokens, load })
  }

  /** Makes ready what the first call needs, ahead of it. */
  prepare(): void {
    if (this.#isAvailable && this.#codec.format?.grammar !== undefined) this.#service.prepare()
  }

  /**
   * The guide of a request; undefined where its answer is free.
   * @throws LLMError `constrained-unavailable` where it cannot be had although the request asks for it.
   */
  create(request: GenerateRequest, prompt: EncodedPrompt): Guide | undefined {
    if (request.responseFormat) return this.#forResponse(request.responseFormat.schema, prompt)
    const tools = activeTools(request)
    if (tools.length === 0 || request.constrained === false) return undefined
    const { format } = this.#codec
    const isWanted = request.constrained === true
    if (!isWanted && !this.#isAvailable) return undefined
    if (format?.grammar === undefined) {
      if (isWanted) throw noGrammar(format?.name)
      return undefined
    }
    const choice = request.toolChoice ?? 'auto'
    const callable = typeof choice === 'object' ? tools.filter(({ name }) => name === choice.name) : tools
    const grammars = format.grammar(callable, choice)
    const blocks = new Map(grammars.flatMap(({ opening, starts = [''], ...rest }) => starts.map((start) => [opening + start, { ...rest, start }])))
    const watch = new MarkerWatch(watched(format, grammars), [...blocks.keys()], prompt.generationPrompt)
    return new GrammarGuide({ service: this.#service, watch, blocks, prompt })
  }

  #forResponse(schema: Readonly<Record<string, unknown>>, prompt: EncodedPrompt): Guide {
    const blocks = new Map([['', { block: { json: schema }, isLast: true }]])
    return new GrammarGuide({ service: this.#service, watch: undefined, blocks, prompt })
  }
}

/** The format with longer openings in place of those that alone do not make a call certain. */
function watched(format: ToolFormat, grammars: readonly CallGrammar[]): ToolFormat {
  const opening = format.opening.flatMap((text) => {
    const starts = grammars.find((grammar) => grammar.opening === text)?.starts
    return starts?.map((start) => text + start) ?? [text]
  })
  return { ...format, opening }
}

/** Everything that the format itself writes between a call's opening and its end. */
function fixedTexts({ grammar }: ToolFormat): string[] {
  const tool = { name: '', description: '', inputSchema: { type: 'object' } }
  return grammar?.([tool], 'required').flatMap(({ block }) => textsOf(block)) ?? []
}

function textsOf(node: GrammarNode): string[] {
  if ('text' in node) return [node.text]
  if ('json' in node || 'xml' in node) return []
  if ('arguments' in node) return node.notation.kind === 'gemma' ? [node.notation.quote] : []
  if ('list' in node) return [node.separator, ...textsOf(node.list)]
  return ('sequence' in node ? node.sequence : node.choice).flatMap(textsOf)
}

function noGrammar(format: string | undefined): LLMError {
  const what = format === undefined ? 'No tool format is known for this model' : `The tool format ${format} has no grammar`
  return new LLMError({
    code: 'constrained-unavailable',
    subject: 'constrained',
    message: `${what}, so calls cannot be kept within their schemas while they are written. Leave \`constrained\` out: they are validated all the same.`,
  })
}
