import { LLMError } from '../../../errors/index.js'
import type { LoadPhase, ModelFiles, ModelOptions } from '../../../models/index.js'
import { Guides } from '../../constrain/Guides.js'
import type { LoadGrammarLibrary } from '../../constrain/GrammarLibrary.js'
import type { AbortProbe } from '../../generate/AbortProbe.js'
import { ChatCodec } from '../../generate/ChatCodec.js'
import { Decoder, PREFILL_CHUNK, type DecoderOptions } from '../../generate/Decoder.js'
import { Turn } from '../../generate/Turn.js'
import type { Runtime } from '../../Runtime.js'
import { Sampler } from '../../sampling/Sampler.js'
import type { GenerateRequest, GenerateUpdate, LoadedModel } from '../../types.js'
import { readDecoderGraph } from './DecoderGraph.js'
import type { OrtBinding } from './OrtBinding.js'
import { OrtDecoderBackend } from './OrtDecoderBackend.js'
import { sessionCreationError } from './ortErrors.js'

/** What {@link OnnxRuntime.load} makes a runtime from. */
export interface OnnxRuntimeInit {
  binding: OrtBinding
  model: ModelOptions
  files: ModelFiles
  /** When the load began, in `performance.now()` time. */
  startedAt: number
  onPhase?: (phase: LoadPhase) => void
  decoder?: DecoderOptions
  /** Undefined: no request can be constrained. */
  loadGrammar?: LoadGrammarLibrary | undefined
}

/** Our own generation loop on ONNX Runtime. */
export class OnnxRuntime implements Runtime {
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

  /** @throws LLMError what reading the tokenizer, the template and the graph can give. */
  static async load(init: OnnxRuntimeInit): Promise<OnnxRuntime> {
    const { binding, files, model } = init
    init.onPhase?.('loading')
    const codec = new ChatCodec(files, model)
    const backend = await createBackend(binding, files)
    init.onPhase?.('warming-up')
    await warmUp(backend, binding)
    const loaded: LoadedModel = {
      id: model.id,
      runtime: 'onnx',
      device: binding.device,
      backend: binding.name,
      backendReason: `ONNX Runtime runs the graph on the ${binding.device === 'webgpu' ? 'GPU' : 'CPU'}; ${files.dtypeReason}`,
      dtype: files.dtype,
      contextLength: codec.contextLength,
      vocabSize: backend.vocabSize,
      toolFormat: codec.toolFormat,
      templateHasTools: codec.templateHasTools,
      toolCallBias: codec.toolCallBias,
      threads: binding.threads,
      loadMs: performance.now() - init.startedAt,
      memoryBytes: binding.memoryBytes(),
    }
    return new OnnxRuntime(loaded, codec, new Guides(codec, init.loadGrammar), new Decoder(backend, init.decoder))
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

async function createBackend(binding: OrtBinding, files: ModelFiles): Promise<OrtDecoderBackend> {
  // The outputs are known only once a session exists, but where they shall stay must be said before.
  const deviceOutputs = binding.device === 'webgpu' ? presentOutputs(files) : []
  const session = await binding.createSession({ graph: files.graph, deviceOutputs }).catch((cause: unknown) => {
    throw sessionCreationError(cause, files.graph.path)
  })
  const graph = readDecoderGraph(session, files.config)
  const vocabSize = graph.vocabSize ?? files.config.vocab_size
  if (typeof vocabSize !== 'number') {
    throw new LLMError({
      code: 'config-missing',
      subject: 'config.json',
      message: 'Neither the graph nor config.json (`vocab_size`) tells the size of the vocabulary. Export the model again.',
    })
  }
  return new OrtDecoderBackend(binding, session, graph, vocabSize)
}

function presentOutputs(files: ModelFiles): string[] {
  const text = (files.config.text_config ?? files.config) as { num_hidden_layers?: unknown }
  const layers = typeof text.num_hidden_layers === 'number' ? text.num_hidden_layers : 256
  return Array.from({ length: layers }, (_, layer) => [`present.${layer}.key`, `present.${layer}.value`]).flat()
}

/** First runs allocate memory and, on GPUs, compile shaders for long and for single-token inputs. */
async function warmUp(backend: OrtDecoderBackend, binding: OrtBinding): Promise<void> {
  if (binding.device === 'webgpu') await backend.feed(new Array<number>(PREFILL_CHUNK).fill(0))
  await backend.feed([0])
  await backend.truncate(0)
}
