import type { Device, LoadPhase, ModelOptions, ModelSetup } from '../../models/index.js'
import type { LoadGrammarLibrary } from '../constrain/GrammarLibrary.js'
import { Guides } from '../constrain/Guides.js'
import type { PrefixOptions } from '../prefix/openPrefixes.js'
import { PersistedPrefixes } from '../prefix/PersistedPrefixes.js'
import type { Runtime } from '../Runtime.js'
import { checkNumerics, parseReference, probeTokens, type NumericsReport } from '../numerics/index.js'
import { measurePass, ProbeClock, type ProbeFigures, type ThreadTime } from '../probe/index.js'
import { Sampler } from '../sampling/Sampler.js'
import { saidWords } from '../speculation/saidWords.js'
import { TokenKinds } from '../speculation/TokenKinds.js'
import { verifiesExactly } from '../speculation/verifiesExactly.js'
import type { GenerateRequest, GenerateUpdate, LoadedModel } from '../types.js'
import type { AbortProbe } from './AbortProbe.js'
import type { ChatCodec } from './ChatCodec.js'
import { Decoder, type DecoderOptions } from './Decoder.js'
import type { DecoderBackend } from './DecoderBackend.js'
import type { FeedCounts } from './TokenFeed.js'
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
  /** What was measured for numbers of threads, where one was chosen by that. */
  threadTimes?: ThreadTime[]
  /** Prompt tokens per graph run, where the backend has a preference. */
  prefillChunk?: number
  /** First runs are slow: memory is allocated, code and shaders are compiled. */
  warmUp(): Promise<void>
}

/** What {@link DecoderRuntime.load} makes a runtime from. */
export interface DecoderRuntimeInit {
  model: ModelOptions
  files: ModelSetup
  /** Of these files. */
  codec: ChatCodec
  open(): Promise<OpenedDecoder>
  /** When the load began, in `performance.now()` time. */
  startedAt: number
  onPhase?: (phase: LoadPhase) => void
  decoder?: DecoderOptions
  /** Whether to measure how long a token takes. Default false. */
  probe?: boolean | undefined
  /** Whether to check that the model computes rightly here. Default true. */
  numericsCheck?: boolean | undefined
  /** What is kept of earlier prompts beside the last one. Default: nothing. */
  prefixes?: PrefixOptions
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
  readonly #persisted: PersistedPrefixes | undefined

  private constructor(model: LoadedModel, codec: ChatCodec, guides: Guides, decoder: Decoder, persisted: PersistedPrefixes | undefined) {
    this.model = model
    this.#codec = codec
    this.#guides = guides
    this.#decoder = decoder
    this.#sampler = new Sampler(decoder.backend.vocabSize)
    this.#persisted = persisted
  }

  /** @throws LLMError what opening the decoder can give. */
  static async load(init: DecoderRuntimeInit): Promise<DecoderRuntime> {
    const { files, codec, model, prefixes } = init
    const guides = new Guides(codec, init.loadGrammar)
    // Who has called functions in an earlier visit will do so again, and while threads start nothing else is done here.
    void prefixes?.stored?.newest?.then((found) => found && guides.prepare())
    init.onPhase?.('loading')
    const { backend, device, name, reason, threads, threadTimes, prefillChunk, warmUp } = await init.open()
    init.onPhase?.('warming-up')
    const isChecked = init.numericsCheck !== false
    // On CPUs the check's runs, over several tokens and over one, warm up as well.
    if (!isChecked || device === 'webgpu') await warmUp()
    const numerics = isChecked ? await checked(backend, device, init) : undefined
    const probe = init.probe ? await probed(backend, threadTimes) : undefined
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
      probe,
      numerics,
      loadMs: performance.now() - init.startedAt,
      memoryBytes: backend.memoryBytes,
    }
    const kept = prefixes && { prefixBytes: prefixes.memoryBytes, reusePrefix: prefixes.memoryBytes !== undefined }
    const kinds = new TokenKinds(codec.tokenizer, backend.vocabSize)
    const drafting = { endTokens: codec.endTokens, kindOf: (id: number) => kinds.of(id) }
    const speculation = (init.decoder?.speculation ?? true) && verifiesExactly(backend.isBatchInvariant, device, files.dtype)
    const decoder = new Decoder(backend, { drafting, ...(prefillChunk !== undefined && { prefillChunk }), ...kept, ...init.decoder, speculation })
    return new DecoderRuntime(loaded, codec, guides, decoder, persistedPrefixes(decoder, prefixes?.stored))
  }

  async generate(
    request: GenerateRequest,
    emit: (update: GenerateUpdate) => void,
    probe: AbortProbe,
  ): Promise<void> {
    const turn = new Turn(this.#codec, request, emit, this.#guides)
    this.#sampler.start(request, turn.prompt, turn.firstTokenBias)
    const anchorLength = this.#decoder.prefix.keepsOthers ? this.#codec.anchorLength(request, turn.prompt) : 0
    const counts: FeedCounts = { forwardPasses: 0, draftedTokens: 0, acceptedTokens: 0 }
    try {
      await this.#persisted?.begin(turn.prompt, anchorLength)
      const outcome = await this.#decoder.decode({
        prompt: turn.prompt,
        anchorLength,
        sampler: this.#sampler,
        guide: turn.guide,
        probe,
        maxTokens: turn.maxTokens,
        hints: { said: turn.guide ? saidWords(this.#codec.tokenizer, request.messages) : [] },
        counts,
        onPrefill: (reused, from) => turn.start(reused, from),
        onToken: (id) => turn.accept(id, this.#sampler.probability),
      })
      turn.finish(outcome, this.#decoder.backend.memoryBytes, counts)
    } finally {
      turn.guide?.dispose()
      this.#persisted?.end()
    }
  }

  async dispose(): Promise<void> {
    await this.#persisted?.flush()
    await this.#decoder.dispose()
  }
}

async function checked(backend: DecoderBackend, device: Device, { files, codec }: DecoderRuntimeInit): Promise<NumericsReport> {
  const reference = files.numerics && parseReference(files.numerics, backend.vocabSize)
  return checkNumerics({ backend, device, dtype: files.dtype, reference, tokens: () => probeTokens(codec) })
}

async function probed(backend: DecoderBackend, threads: ThreadTime[] | undefined): Promise<ProbeFigures> {
  // Those times include the one that counts, and a device is not to be kept busy longer than needed.
  const known = threads && Math.min(...threads.map(({ msPerToken }) => msPerToken))
  const msPerToken = known ?? (await measurePass(() => backend.feed([0]), new ProbeClock()))
  await backend.truncate(0)
  return { msPerToken, ...(threads && { threads }) }
}

function persistedPrefixes({ backend: { snapshots }, prefix: cache }: Decoder, stored: PrefixOptions['stored']): PersistedPrefixes | undefined {
  if (!stored || snapshots?.imageKind === undefined) return undefined
  const persisted = new PersistedPrefixes({ cache, snapshots, store: stored.store, identity: `${stored.identity}, ${snapshots.imageKind}` })
  persisted.readAhead(stored.newest)
  return persisted
}
