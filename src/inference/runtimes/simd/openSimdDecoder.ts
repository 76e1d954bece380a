import { isLLMError, LLMError, toLLMError } from '../../../errors/index.js'
import type { ModelFiles } from '../../../models/index.js'
import { CoreModule, SimdDecoder, ThreadPool, type CoreMemory } from '../../../simd/index.js'
import type { OpenedDecoder } from '../../generate/DecoderRuntime.js'
import { planModel } from './planModel.js'
import { SimdDecoderBackend } from './SimdDecoderBackend.js'
import type { SimdPlatform } from './SimdPlatform.js'
import type { WeightMemory } from './WeightMemory.js'

/** What opens a model on the core, or why the core cannot run it: the end of the sentence "… because". */
export type SimdAttempt = { open(): Promise<OpenedDecoder>; reason?: undefined } | { open?: undefined; reason: string }

/**
 * Looks whether the SIMD core can run a model.
 * @param weights holds the model's files, or takes them when it is opened.
 * @throws LLMError `model-corrupt`, `external-data-missing`
 */
export function openSimdDecoder(platform: SimdPlatform, files: ModelFiles, weights: WeightMemory): SimdAttempt {
  const { plan, reason } = planModel(files.config, files.graph, files.manifest?.tensors.get(files.graph.path))
  if (plan === undefined) return { reason }
  return {
    async open() {
      const { memory, addresses } = weights.take(files.graph)
      const core = await CoreModule.compile(await readCore(platform), memory.shared)
      const decoder = await SimdDecoder.create({ core, memory, plan, files: addresses, maxThreads: platform.threads })
      const problem = await startThreads(platform, core, memory, decoder)
      const { threads } = decoder
      const backend = new SimdDecoderBackend(decoder)
      const on = `${threads} ${threads === 1 ? 'thread' : 'threads'}${problem === undefined ? '' : ` (more could not be started: ${problem})`}`
      return {
        backend,
        device: platform.device,
        name: 'simd',
        reason: `The SIMD core runs ${String(files.config.model_type)} models on the CPU, here with ${on}`,
        threads,
        async warmUp() {
          // The browser compiles the core's code better after it has run for a while.
          await backend.feed([0, 0])
          await backend.feed([0])
          await backend.truncate(0)
        },
      }
    },
  }
}

async function readCore(platform: SimdPlatform): Promise<Uint8Array> {
  try {
    return await platform.readCore()
  } catch (cause) {
    throw toLLMError(cause, {
      code: 'session-failed',
      subject: 'core.wasm',
      message: `core.wasm, a file of the kit, could not be read: ${textOf(cause)}`,
      recoverable: true,
    })
  }
}

/** @returns why there is only one thread although more were wanted. */
async function startThreads(platform: SimdPlatform, core: CoreModule, memory: CoreMemory, decoder: SimdDecoder): Promise<string | undefined> {
  if (platform.threads === 1) return undefined
  if (!memory.shared) return 'there is no memory that they can share'
  try {
    decoder.useSteps(await ThreadPool.start(core, memory, platform.threads, platform.spawn))
    return undefined
  } catch (cause) {
    return problemOf(cause)
  }
}

/** `cpuBackend: 'simd'` was set and cannot be had. */
export function cannotRun(reason: string): LLMError {
  return new LLMError({
    code: 'unsupported-architecture',
    subject: 'cpuBackend',
    message: `The SIMD core cannot run this model, because ${reason}. Leave \`cpuBackend\` out: then ONNX Runtime takes over.`,
  })
}

/** Whether another backend may do what the core could not, once the model is known to fit it. */
export function mayFallBack(error: unknown): boolean {
  return isLLMError(error) && (error.code === 'session-failed' || error.code === 'out-of-memory')
}

/** What went wrong, as the end of a sentence. */
export function problemOf(cause: unknown): string {
  return textOf(cause).replace(/\.$/, '')
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
