import type * as Transformers from '@huggingface/transformers'
import type { LoadPhase, ModelFiles, ModelOptions, Device } from '../../../models/index.js'
import { Guides } from '../../constrain/Guides.js'
import type { LoadGrammarLibrary } from '../../constrain/GrammarLibrary.js'
import type { AbortProbe } from '../../generate/AbortProbe.js'
import type { ChatCodec } from '../../generate/ChatCodec.js'
import { Turn } from '../../generate/Turn.js'
import type { Runtime } from '../../Runtime.js'
import { Sampler } from '../../sampling/Sampler.js'
import type { GenerateRequest, GenerateUpdate, LoadedModel } from '../../types.js'
import { sessionRunError } from '../onnx/ortErrors.js'
import { generationHooks, type HookedSession } from './generationHooks.js'
import { createTransformersModel, type TransformersNamespace, type TransformersWasm } from './transformersModel.js'

/** What {@link TransformersRuntime.load} makes a runtime from. */
export interface TransformersRuntimeInit {
  transformers: TransformersNamespace
  model: ModelOptions
  files: ModelFiles
  /** Of these files. */
  codec: ChatCodec
  device: Device
  /** Undefined in Node. */
  wasm: TransformersWasm | undefined
  memoryBytes(): number | undefined
  /** When the load began, in `performance.now()` time. */
  startedAt: number
  onPhase?: (phase: LoadPhase) => void
  /** Undefined: no request can be constrained. */
  loadGrammar?: LoadGrammarLibrary | undefined
}

/** Transformers.js runs the graph; prompt, sampling and output are ours, as in the `onnx` runtime. */
export class TransformersRuntime implements Runtime {
  readonly model: LoadedModel
  readonly #init: TransformersRuntimeInit
  readonly #codec: ChatCodec
  readonly #guides: Guides
  readonly #network: Transformers.PreTrainedModel
  #sampler: Sampler | undefined

  private constructor(init: TransformersRuntimeInit, codec: ChatCodec, network: Transformers.PreTrainedModel) {
    const { model, files, device, wasm } = init
    this.#init = init
    this.#codec = codec
    this.#guides = new Guides(codec, init.loadGrammar)
    this.#network = network
    this.model = {
      id: model.id,
      runtime: 'transformers',
      device,
      backend: '@huggingface/transformers',
      backendReason: `Transformers.js runs the graph, as the config asks; ${files.dtypeReason}`,
      dtype: files.dtype,
      contextLength: codec.contextLength,
      vocabSize: typeof files.config.vocab_size === 'number' ? files.config.vocab_size : 0,
      toolFormat: codec.toolFormat,
      templateHasTools: codec.templateHasTools,
      toolCallBias: codec.toolCallBias,
      threads: wasm?.threads,
      loadMs: performance.now() - init.startedAt,
      memoryBytes: init.memoryBytes(),
    }
  }

  /** @throws LLMError what reading the graph can give. */
  static async load(init: TransformersRuntimeInit): Promise<TransformersRuntime> {
    init.onPhase?.('loading')
    const { codec, files } = init
    const network = await createTransformersModel(init.transformers, files, init.device, init.wasm)
    init.onPhase?.('warming-up')
    const { Tensor } = init.transformers
    const one = () => new Tensor('int64', BigInt64Array.of(1n), [1, 1])
    await network.generate({ inputs: one(), attention_mask: one(), max_new_tokens: 1 })
    return new TransformersRuntime(init, codec, network)
  }

  async generate(
    request: GenerateRequest,
    emit: (update: GenerateUpdate) => void,
    probe: AbortProbe,
  ): Promise<void> {
    const { transformers } = this.#init
    const turn = new Turn(this.#codec, request, emit, this.#guides)
    const hooks = generationHooks(transformers, {
      probe,
      guide: turn.guide,
      sample: (logits, forced) => this.#sample(logits, forced, request, turn),
      accept: (id) => turn.accept(id, this.#sampler?.probability),
      session: (this.#network as unknown as { sessions: Record<string, HookedSession> }).sessions.model!,
    })
    const length = turn.prompt.length
    const int64 = (values: BigInt64Array) => new transformers.Tensor('int64', values, [1, length])
    turn.start(0)
    try {
      await this.#network.generate({
        inputs: int64(BigInt64Array.from(turn.prompt, BigInt)),
        attention_mask: int64(new BigInt64Array(length).fill(1n)),
        ...neutralConfig,
        max_new_tokens: turn.maxTokens,
        eos_token_id: [...this.#codec.endTokens],
        ...hooks.options,
      } as never)
    } catch (cause) {
      throw sessionRunError(cause)
    } finally {
      hooks.remove()
      turn.guide?.dispose()
    }
    turn.finish(hooks.aborted() ? 'aborted' : 'ended', this.#init.memoryBytes())
  }

  async dispose(): Promise<void> {
    await this.#network.dispose()
  }

  #sample(logits: Float32Array, forced: number | undefined, request: GenerateRequest, turn: Turn): number {
    if (this.#sampler === undefined || turn.isFresh) {
      this.#sampler ??= new Sampler(logits.length)
      this.#sampler.start(request, turn.prompt, turn.firstTokenBias)
    }
    if (forced !== undefined) {
      this.#sampler.see(forced)
      return forced
    }
    const token = this.#sampler.sample(logits, turn.guide)
    turn.guide?.accept(token)
    return token
  }
}

/** Keeps the model's generation_config.json from changing logits before our sampler sees them. */
const neutralConfig = {
  do_sample: false,
  num_beams: 1,
  repetition_penalty: 1,
  no_repeat_ngram_size: 0,
  bad_words_ids: null,
  suppress_tokens: null,
  begin_suppress_tokens: null,
  forced_bos_token_id: null,
  forced_eos_token_id: null,
  min_length: 0,
  min_new_tokens: 0,
  guidance_scale: null,
}
