import type { Device, LoadPhase, ModelOptions, ModelSetup } from '../../models/index.js'
import type { LoadGrammarLibrary } from '../constrain/GrammarLibrary.js'
import { Guides } from '../constrain/Guides.js'
import type { Runtime } from '../Runtime.js'
import { Sampler } from '../sampling/Sampler.js'
import type { GenerateRequest, GenerateUpdate, LoadedModel } from '../types.js'
import type { AbortProbe } from './AbortProbe.js'
import { ChatCodec } from './ChatCodec.js'
import { Decoder, type DecoderOptions } from './Decoder.js'
import type { DecoderBackend } from './DecoderBackend.js'
import { Turn } from './Turn.js'

/** A decoder that is ready to run, and what there is to say about it. */
export interface OpenedDecoder {
  backend: DecoderBackend
  device: Device
  /** What executes it, e.g. `onnxruntime-web/wasm`. */
  name: string
  /** Why this was taken, as the beginning of a sentence. */
  reason: string
  threads: number | undefined
  /** Prompt tokens per graph run, where the backend has a preference. */
  prefillChunk?: number
  /** First runs are slow: memory is allocated, code and shaders are compiled. */
  warmUp(): Promise<void>
}

/** What {@link DecoderRuntime.load} makes a runtime from. */
export interface DecoderRuntimeInit {
  model: ModelOptions
  files: ModelSetup
  open(): Promise<OpenedDecoder>
  /** When the load began, in `performance.now()` time. */
  startedAt: number
  onPhase?: (phase: LoadPhase) => void
  decoder?: DecoderOptions
  /** Undefined: no request can be constrained. */
  loadGrammar?: LoadGrammarLibrary | undefined
}

/** Our own generation loop, on whatever runs the decoder. */
export class DecoderRuntime implements Runtime {
  readonly model: LoadedModel
  readonly #codec: ChatCodec
  readonly #guides: Guides
  readonly #decoder: Decoder
  readonly #sampler: Sampler

  private constructor(model: LoadedModel, codec: ChatCodec, guides: Guides, decoder: Decoder) {
    this.model = model
    this.#codec = codec
    this.#guides = guides
    this.#decoder = decoder
    this.#sampler = new Sampler(decoder.backend.vocabSize)
  }

  /** @throws LLMError what reading the tokenizer and the template, and opening the decoder can give. */
  static async load(init: DecoderRuntimeInit): Promise<DecoderRuntime> {
    const { files, model } = init
    init.onPhase?.('loading')
    const codec = new ChatCodec(files, model)
    const { backend, device, name, reason, threads, prefillChunk, warmUp } = await init.open()
    init.onPhase?.('warming-up')
    await warmUp()
    const loaded: LoadedModel = {
      id: model.id,
      runtime: 'onnx',
      device,
      backend: name,
      backendReason: `${reason}; ${files.dtypeReason}`,
      dtype: files.dtype,
      contextLength: codec.contextLength,
      vocabSize: backend.vocabSize,
      toolFormat: codec.toolFormat,
      templateHasTools: codec.templateHasTools,
      toolCallBias: codec.toolCallBias,
      threads,
      loadMs: performance.now() - init.startedAt,
      memoryBytes: backend.memoryBytes,
    }
    return new DecoderRuntime(loaded, codec, new Guides(codec, init.loadGrammar), new Decoder(backend, { ...(prefillChunk !== undefined && { prefillChunk }), ...init.decoder }))
  }

  async generate(
    request: GenerateRequest,
    emit: (update: GenerateUpdate) => void,
    probe: AbortProbe,
  ): Promise<void> {
    const turn = new Turn(this.#codec, request, emit, this.#guides)
    this.#sampler.start(request, turn.prompt, turn.firstTokenBias)
    try {
      const outcome = await this.#decoder.decode({
        prompt: turn.prompt,
        sampler: this.#sampler,
        guide: turn.guide,
        probe,
        onPrefill: (reused) => turn.start(reused),
        onToken: (id) => turn.accept(id, this.#sampler.probability),
      })
      turn.finish(outcome, this.#decoder.backend.memoryBytes)
    } finally {
      turn.guide?.dispose()
    }
  }

  async dispose(): Promise<void> {
    await this.#decoder.backend.dispose()
  }
}
