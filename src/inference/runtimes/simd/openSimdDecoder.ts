import { isLLMError, LLMError } from '../../../errors/index.js'
import type { ModelFiles } from '../../../models/index.js'
import { SimdDecoder, type CoreMemory, type ThreadPool } from '../../../simd/index.js'
import type { OpenedDecoder } from '../../generate/DecoderRuntime.js'
import { chooseThreads, ProbeClock, type ThreadTime } from '../../probe/index.js'
import { EarlyCore } from './EarlyCore.js'
import { planModel } from './planModel.js'
import { SimdDecoderBackend } from './SimdDecoderBackend.js'
import type { SimdPlatform } from './SimdPlatform.js'
import type { WeightMemory } from './WeightMemory.js'

/** What opens a model on the core, or why the core cannot run it: the end of the sentence "… because". */
export type SimdAttempt = { open(): Promise<OpenedDecoder>; reason?: undefined } | { open?: undefined; reason: string }

/**
 * Looks whether the SIMD core can run a model.
 * @param weights holds the model's files, or takes them when it is opened.
 * @param options `measure`: whether the number of threads is chosen by measurement; else it is the platform's.
 * `early`: the platform's core, where it was begun before.
 * @throws LLMError `model-corrupt`, `external-data-missing`
 */
export function openSimdDecoder(
  platform: SimdPlatform,
  files: ModelFiles,
  weights: WeightMemory,
  { measure = false, early = new EarlyCore(platform) }: { measure?: boolean; early?: EarlyCore } = {},
): SimdAttempt {
  const { plan, reason } = planModel(files.config, files.graph, files.manifest?.tensors.get(files.graph.path))
  if (plan === undefined) return { reason }
  return {
    async open() {
      const { memory, addresses } = weights.take(files.graph)
      const core = await early.compiled(memory.shared)
      const decoder = await SimdDecoder.create({ core, memory, plan, files: addresses, maxThreads: platform.threads })
      const { problem, times } = await startThreads(platform, early, memory, decoder, measure)
      const { threads } = decoder
      const backend = new SimdDecoderBackend(decoder)
      const on = `${threads} ${threads === 1 ? 'thread' : 'threads'}${problem === undefined ? '' : ` (more could not be started: ${problem})`}${measured(times)}`
      return {
        backend,
        device: platform.device,
        name: 'simd',
        reason: `The SIMD core runs ${String(files.config.model_type)} models on the CPU, here with ${on}`,
        threads,
        ...(times && { threadTimes: times }),
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

interface Started {
  /** Why there are fewer threads than wanted. */
  problem?: string
  /** What each number of threads took, where they were measured. */
  times?: ThreadTime[]
}

async function startThreads(platform: SimdPlatform, early: EarlyCore, memory: CoreMemory, decoder: SimdDecoder, measure: boolean): Promise<Started> {
  if (platform.threads === 1) return {}
  if (!memory.shared) return { problem: 'there is no memory that they can share' }
  let pool: ThreadPool | undefined
  const setThreads = async (count: number): Promise<void> => {
    if (pool) await pool.resize(count)
    else decoder.useSteps((pool = await early.threads(memory, count)))
  }
  try {
    if (measure) return await measureThreads(decoder, setThreads, platform.threads)
    await setThreads(platform.threads)
    return {}
  } catch (cause) {
    return { problem: problemOf(cause) }
  }
}

async function measureThreads(decoder: SimdDecoder, setThreads: (count: number) => Promise<void>, most: number): Promise<Started> {
  const sequence = decoder.sequence()
  try {
    const pass = (): void => {
      decoder.feed(sequence, [0])
      sequence.truncate(0)
    }
    const { times, problem } = await chooseThreads({ setThreads, pass }, most, new ProbeClock())
    return { times, ...(problem !== undefined && { problem: problemOf(problem) }) }
  } finally {
    sequence.dispose()
  }
}

function measured(times: readonly ThreadTime[] | undefined): string {
  if (times === undefined || times.length < 2) return ''
  const each = times.map(({ threads, msPerToken }) => `${threads}: ${msPerToken.toFixed(1)} ms`)
  return ` (a token with ${each.join(', ')})`
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
