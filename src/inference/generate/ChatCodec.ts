import { isLLMError, LLMError } from '../../errors/index.js'
import type { JSONObject, ModelOptions, ModelSetup, ToolFormatName } from '../../models/index.js'
import { createToolCallParser, detectToolFormat, getToolFormat, type ToolFormat } from '../../tools/index.js'
import { commonLength } from '../prefix/commonLength.js'
import type { FirstTokenBias } from '../sampling/Sampler.js'
import { StopMatcher } from '../sampling/StopMatcher.js'
import { ChatTemplate } from '../tokenizer/ChatTemplate.js'
import { defuseControlTokens } from '../tokenizer/plainContent.js'
import { Tokenizer } from '../tokenizer/Tokenizer.js'
import type { GenerateRequest, PromptMessage, ToolSpec } from '../types.js'
import { CallConfidenceMeter } from './CallConfidenceMeter.js'
import { foldLostCalls, foldToolsIntoText } from './foldTools.js'
import { OutputStream } from './OutputStream.js'
import { probeTemplate, type TemplateProbe } from './probeTemplate.js'

/** Longer than what any template writes after the last message's role. */
const GENERATION_PROMPT_LENGTH = 64

/** A prompt in token ids, with the text of the answer that it already begins. */
export interface EncodedPrompt {
  ids: number[]
  /** Start of the assistant's answer that the model did not write: a forced tool call's opening, else ''. */
  opening: string
  /** End of the prompt before `opening`; shows whether the answer begins inside a thinking block. */
  generationPrompt: string
}

/** A model's conversation format: chats become prompts, tokens become events. */
export class ChatCodec {
  readonly tokenizer: Tokenizer
  readonly #template: ChatTemplate
  readonly #toolTemplate: ChatTemplate
  /** How the model writes calls; undefined where that is not known. */
  readonly format: ToolFormat | undefined
  readonly #controlTokens: string[]
  /** What the template for tools makes of calls and results. */
  readonly #probe: TemplateProbe
  readonly #thinks: boolean
  /** The last {@link anchorLength}'s tokens: most apps have one system prompt and one set of tools. */
  #anchor: { key: string; ids: readonly number[] } | undefined
  /** The `toolCallBias` of requests that bring none. */
  readonly toolCallBias: number
  /** Tokens that end an answer. */
  readonly endTokens: ReadonlySet<number>
  /** Most tokens that prompt and answer may have together. */
  readonly contextLength: number

  /**
   * @param options.toolFormat overrides what the chat template shows.
   * @param options.toolCallBias overrides what the manifest says.
   * @throws LLMError `chat-template-missing`, `chat-template-failed`, `tokenizer-missing`.
   */
  constructor(setup: ModelSetup, { toolFormat, toolCallBias }: Pick<ModelOptions, 'toolFormat' | 'toolCallBias'> = {}) {
    const source = setup.chatTemplate ?? setup.toolChatTemplate
    if (source === undefined) throw templateMissing()
    this.tokenizer = new Tokenizer({ tokenizer: setup.tokenizerJson, config: setup.tokenizerConfig })
    this.#template = new ChatTemplate(source, this.tokenizer.namedTokens)
    this.#toolTemplate =
      setup.toolChatTemplate === undefined
        ? this.#template
        : new ChatTemplate(setup.toolChatTemplate, this.tokenizer.namedTokens)
    this.#controlTokens = this.tokenizer.addedTokens
    const clues = { chatTemplate: setup.toolChatTemplate ?? source, specialTokens: this.#controlTokens }
    this.#probe = probeTemplate(this.#toolTemplate, clues)
    // Calls that the template writes in a way nobody knows are another family's, whatever else it mentions.
    const name = toolFormat ?? this.#probe.format ?? (this.#probe.writesCalls ? undefined : detectToolFormat(clues))
    this.format = name === undefined ? undefined : getToolFormat(name, clues)
    this.#thinks = source.includes('<think>') || this.format?.reasoning !== undefined
    this.toolCallBias = toolCallBias ?? setup.manifest?.toolCallBias ?? 0
    this.contextLength = contextLength(setup.config)
    this.endTokens = this.#endTokens(setup)
  }

  /** Whether the model's own template presents tools. */
  get templateHasTools(): boolean {
    return this.#toolTemplate.knowsTools
  }

  get toolFormat(): ToolFormatName | undefined {
    return this.format?.name
  }

  /**
   * The prompt of a request.
   * @throws LLMError `chat-template-failed`, `context-overflow`, `invalid-request`.
   */
  encode(request: GenerateRequest): EncodedPrompt {
    const tools = activeTools(request)
    const template = tools.length > 0 ? this.#toolTemplate : this.#template
    const plain = defuseControlTokens({ messages: request.messages, tools }, this.#controlTokens)
    const opening = this.#opening(request, tools)
    const messages = this.#messages({ ...request, messages: plain.messages }, plain.tools, template)
    const prompt = template.render({ messages, tools: template.knowsTools ? plain.tools : [] })
    const ids = plain.split(prompt + opening).flatMap((piece) => this.tokenizer.encode(piece))
    this.#assertFits(ids.length)
    return { ids, opening, generationPrompt: prompt.slice(-GENERATION_PROMPT_LENGTH) }
  }

  /**
   * How many leading tokens of a request's prompt do not depend on what its first user message says: system prompt
   * and tools. Other conversations of the app begin with them, too.
   * @param prompt the request's own, as {@link encode} gave it.
   */
  anchorLength(request: GenerateRequest, prompt: readonly number[]): number {
    const first = request.messages.findIndex(({ role }) => role !== 'system')
    const system = first < 0 ? request.messages : request.messages.slice(0, first)
    const key = JSON.stringify([system, activeTools(request)])
    if (this.#anchor?.key !== key) this.#anchor = { key, ids: this.#anchorOf({ ...request, toolChoice: undefined, tools: activeTools(request) }, system) }
    return commonLength(prompt, this.#anchor.ids)
  }

  /** What the answer's first token leans to, where the model is free to call a tool or not. */
  firstTokenBias(request: GenerateRequest): FirstTokenBias | undefined {
    const bias = request.toolCallBias ?? this.toolCallBias
    const isFree = (request.toolChoice ?? 'auto') === 'auto' && activeTools(request).length > 0
    const { format } = this
    // Every answer in channels begins alike, whether it is a call or not.
    if (bias === 0 || !isFree || format === undefined || format.opensInHeader !== undefined) return undefined
    // The way the family mostly opens a call, among those that are read.
    const opening = format.forcedOpening('required') ?? format.opening[0]
    if (opening === undefined) return undefined
    const [token] = this.tokenizer.encode(opening)
    return token === undefined ? undefined : { token, bias }
  }

  /** What turns the answer's tokens into events. */
  createOutput(request: GenerateRequest, { opening, generationPrompt }: EncodedPrompt): OutputStream {
    const tools = activeTools(request)
    const parser =
      this.format && (tools.length > 0 || this.#thinks)
        ? createToolCallParser(this.format, { tools, generationPrompt })
        : undefined
    return new OutputStream({
      detokenizer: this.tokenizer.createDetokenizer({ keepSpecial: parser !== undefined }),
      stops: new StopMatcher(request.stop ?? []),
      parser,
      opening,
      meter: request.callConfidence && parser ? new CallConfidenceMeter() : undefined,
    })
  }

  /** What prompts have in common that differ from their first user message on. */
  #anchorOf(request: GenerateRequest, system: PromptMessage[]): number[] {
    const [one, other] = ['Ab', '7 ?'].map((content) => {
      try {
        return this.encode({ ...request, messages: [...system, { role: 'user', content }] }).ids
      } catch (error) {
        // A template may refuse what the app never asks for, and a window be too short for it.
        if (isLLMError(error)) return []
        throw error
      }
    })
    return one!.slice(0, commonLength(one!, other!))
  }

  #messages(request: GenerateRequest, tools: ToolSpec[], template: ChatTemplate): PromptMessage[] {
    if (template.knowsTools) return foldLostCalls(request.messages, this.format, this.#probe)
    if (tools.length > 0 && this.format === undefined) throw noToolFormat()
    return foldToolsIntoText(request.messages, tools, this.format)
  }

  #opening(request: GenerateRequest, tools: ToolSpec[]): string {
    const choice = request.toolChoice
    if (choice === undefined || choice === 'auto' || choice === 'none') return ''
    if (tools.length === 0) throw choiceWithoutTools()
    if (this.format === undefined) throw noToolFormat()
    if (typeof choice === 'object' && !tools.some((tool) => tool.name === choice.name)) {
      throw unknownChoice(choice.name, tools)
    }
    return this.format.forcedOpening(choice) ?? ''
  }

  #assertFits(length: number): void {
    if (length < this.contextLength) return
    throw new LLMError({
      code: 'context-overflow',
      subject: 'messages',
      message:
        `The prompt has ${length} tokens, but this model's context holds ${this.contextLength} and must leave room ` +
        'for an answer. Shorten the conversation, the system prompt or the tool descriptions.',
    })
  }

  #endTokens(setup: ModelSetup): Set<number> {
    const ids = new Set<number>()
    for (const config of [setup.generationConfig, setup.config]) {
      const value = config?.eos_token_id
      for (const id of Array.isArray(value) ? value : [value]) if (typeof id === 'number') ids.add(id)
    }
    const named = this.tokenizer.namedTokens.eos_token
    for (const content of [named, ...(this.format?.stopTokens ?? [])]) {
      const id = content === undefined ? undefined : this.tokenizer.idOf(content)
      if (id !== undefined) ids.add(id)
    }
    return ids
  }
}

/** The tools that the model may call. */
export function activeTools(request: GenerateRequest): ToolSpec[] {
  return request.toolChoice === 'none' ? [] : (request.tools ?? [])
}

function contextLength(config: JSONObject): number {
  const text = config.text_config as JSONObject | undefined
  for (const value of [config.max_position_embeddings, config.n_positions, text?.max_position_embeddings]) {
    if (typeof value === 'number' && value > 0) return value
  }
  return 2048
}

function templateMissing(): LLMError {
  return new LLMError({
    code: 'chat-template-missing',
    subject: 'chat_template.jinja',
    message:
      'The model has no chat template: neither chat_template.jinja nor `chat_template` in tokenizer_config.json. ' +
      'Use an instruction-tuned model, add the file, or set `chatTemplate` on the model.',
  })
}

function noToolFormat(): LLMError {
  return new LLMError({
    code: 'invalid-request',
    subject: 'tools',
    message:
      'No tool format is known for this model, so it cannot be given tools. ' +
      'Set `toolFormat` on the model if you know which one it was trained on.',
  })
}

function choiceWithoutTools(): LLMError {
  return new LLMError({
    code: 'invalid-request',
    subject: 'toolChoice',
    message: '`toolChoice` asks for a tool call, but the request has no tools. Pass `tools`, or leave `toolChoice` out.',
  })
}

function unknownChoice(name: string, tools: ToolSpec[]): LLMError {
  return new LLMError({
    code: 'unknown-tool',
    subject: name,
    message: `\`toolChoice\` names "${name}", which is not among the tools: ${tools.map((tool) => tool.name).join(', ')}.`,
  })
}
