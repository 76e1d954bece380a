import { isLLMError } from '../errors/index.js'
import type { LoadRequest } from '../inference/types.js'
import { isLocalId } from '../models/modelRef.js'
import type { Dtype, LoadProgress } from '../models/types.js'
import { onWasm, type DeviceChoice } from './detectDevice.js'
import { loadAborted } from './engineErrors.js'
import { Measurements, type MeasuredChoice } from './Measurements.js'
import { NumericsFailure } from './NumericsFailure.js'
import type { PlatformHost } from './PlatformHost.js'
import type { NumericsFallback, ReadyModel } from './types.js'
import type { EngineSetup } from './validateConfig.js'
import { WorkerSession } from './WorkerSession.js'

/** A model that is ready, in its worker. */
export interface LoadedSession {
  session: WorkerSession
  model: ReadyModel
}

/** Failures of a GPU that the CPU may not have. */
const gpuFailures = new Set(['webgpu-unavailable', 'session-failed', 'numerics-failed', 'out-of-memory', 'worker-crashed', 'worker-hung', 'device-lost'])

/** Failures of a trial that the next one would have, too. */
const cpuFailures = new Set(['unsupported-architecture', 'session-failed', 'numerics-failed', 'out-of-memory', 'worker-crashed', 'worker-hung'])

/**
 * Chooses the device, starts its worker and loads the model into it. Falls back from WebGPU to
 * WASM, in a new worker, when the device was not asked for by name.
 * @throws LLMError
 */
export async function loadModel(
  host: PlatformHost,
  setup: EngineSetup,
  onProgress: (progress: LoadProgress) => void,
  signal: AbortSignal,
): Promise<LoadedSession> {
  const found = await host.detectDevice(setup.device)
  const measurements = measured(host, setup, found)
  const choice = measurements.choose(found, setup)
  const attempt: Attempt = { host, setup, measurements, onProgress, signal, wrong: [] }
  try {
    return await loadSound(choice, attempt)
  } catch (error) {
    if (choice.isTrial && !signal.aborted) {
      if (isLLMError(error) && cpuFailures.has(error.code)) measurements.keepFailedTrial()
      return loadSound(found, attempt)
    }
    const mayFallBack = choice.device === 'webgpu' && setup.device === 'auto' && !signal.aborted
    if (!mayFallBack || !isLLMError(error) || !gpuFailures.has(error.code)) throw error
    const reason = `WebGPU was found but failed, so WASM was taken: ${error.message}`
    return loadSound(onWasm(reason), attempt)
  }
}

interface Attempt {
  host: PlatformHost
  setup: EngineSetup
  measurements: Measurements
  onProgress: (progress: LoadProgress) => void
  signal: AbortSignal
  /** What gave wrong numbers so far. */
  wrong: NumericsFallback[]
}

/** Loads what gives the right numbers on a device: the chosen precision, or the next one where none was asked for by name. */
async function loadSound(choice: MeasuredChoice, attempt: Attempt): Promise<LoadedSession> {
  const { setup, signal, wrong } = attempt
  const isFree = !choice.isTrial && (setup.model.dtype ?? setup.dtype) === 'auto'
  const refused: Dtype[] = []
  let failure: NumericsFailure | undefined
  for (;;) {
    try {
      return await loadOn(choice, attempt, refused)
    } catch (error) {
      if (!(error instanceof NumericsFailure)) throw signal.aborted ? error : (failure ?? error)
      failure = error
      wrong.push(error.fallback)
      const { dtype } = error.fallback
      if (!isFree || dtype === undefined || refused.includes(dtype)) throw error
      refused.push(dtype)
    }
  }
}

async function loadOn(choice: MeasuredChoice, attempt: Attempt, refused: readonly Dtype[]): Promise<LoadedSession> {
  const { host, setup, measurements, onProgress, signal, wrong } = attempt
  if (signal.aborted) throw loadAborted()
  const session = openSession(choice, attempt)
  const abort = () => session.terminate(loadAborted())
  signal.addEventListener('abort', abort)
  try {
    let warnings: LoadProgress['warnings']
    const model = await session.load({ ...loadRequest(choice, attempt), refused }, (progress) => {
      warnings = progress.warnings
      if (progress.phase === 'downloading') askToKeep(host, setup)
      onProgress(progress)
    })
    if (model.numerics?.problem) throw new NumericsFailure(model, model.numerics)
    measurements.keep(model)
    const probe = model.probe ?? measurements.of(model.device)
    const all = [...wrong, ...(warnings ?? [])]
    return { session, model: { ...model, probe, deviceReason: choice.deviceReason, ...(all.length > 0 && { warnings: all }) } }
  } catch (error) {
    session.terminate(loadAborted())
    throw error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/**
 * Downloads a Hub model into storage, in a worker of its own that ends with it.
 * @throws LLMError
 */
export async function prefetchModel(
  host: PlatformHost,
  setup: EngineSetup,
  onProgress: (progress: LoadProgress) => void,
  signal: AbortSignal | undefined,
): Promise<void> {
  const found = await host.detectDevice(setup.device)
  const measurements = measured(host, setup, found)
  const choice = measurements.choose(found, setup)
  if (signal?.aborted) throw loadAborted()
  const session = openSession(choice, { host, setup })
  const abort = () => session.terminate(loadAborted())
  signal?.addEventListener('abort', abort)
  try {
    askToKeep(host, setup)
    await session.prefetch(loadRequest(choice, { setup, host, measurements }), onProgress)
  } finally {
    signal?.removeEventListener('abort', abort)
    session.terminate(loadAborted())
  }
}

function openSession({ device }: DeviceChoice, { host, setup }: Pick<Attempt, 'host' | 'setup'>): WorkerSession {
  return new WorkerSession(host.connectWorker(setup.runtime, device), { limitMs: setup.hangTimeout, isHidden: host.isHidden })
}

function askToKeep(host: PlatformHost, setup: EngineSetup): void {
  if (setup.storage !== 'none' && !isLocalId(setup.model.id)) host.askToKeep?.()
}

function measured(host: PlatformHost, setup: EngineSetup, found: DeviceChoice): Measurements {
  return new Measurements(host, setup, found.device === 'webgpu' ? found.deviceReason : '')
}

function loadRequest(choice: MeasuredChoice, { host, setup, measurements }: Pick<Attempt, 'host' | 'setup' | 'measurements'>): LoadRequest {
  const isKnown = choice.device === 'wasm' && setup.threads === undefined
  return {
    runtime: setup.runtime,
    model: setup.model,
    device: choice.device,
    adapterFeatures: choice.adapterFeatures,
    // What the GPU has read is there, and the core runs it.
    dtype: choice.isTrial ? 'q4' : (setup.model.dtype ?? setup.dtype),
    storage: setup.storage,
    mayEvict: setup.eviction === 'least-recently-used',
    hubURL: setup.hubURL,
    hubToken: setup.hubToken,
    threads: isKnown ? measurements.threads : setup.threads,
    cpuBackend: choice.isTrial ? 'simd' : setup.cpuBackend,
    probe: measurements.isWanted(choice.device),
    numericsCheck: setup.numericsCheck,
    prefixCache: setup.prefixCache,
    speculation: setup.speculation,
    baseURL: host.baseURL(),
  }
}
