import { isLLMError } from '../errors/index.js'
import type { LoadRequest } from '../inference/types.js'
import type { LoadProgress } from '../models/types.js'
import { onWasm, type DeviceChoice } from './detectDevice.js'
import { loadAborted } from './engineErrors.js'
import type { PlatformHost } from './PlatformHost.js'
import type { ReadyModel } from './types.js'
import type { EngineSetup } from './validateConfig.js'
import { WorkerSession } from './WorkerSession.js'

/** A model that is ready, in its worker. */
export interface LoadedSession {
  session: WorkerSession
  model: ReadyModel
}

/** Failures of a GPU that the CPU may not have. */
const gpuFailures = new Set(['webgpu-unavailable', 'session-failed', 'out-of-memory', 'worker-crashed'])

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
  const choice = await host.detectDevice(setup.device)
  try {
    return await loadOn(choice, host, setup, onProgress, signal)
  } catch (error) {
    const mayFallBack = choice.device === 'webgpu' && setup.device === 'auto' && !signal.aborted
    if (!mayFallBack || !isLLMError(error) || !gpuFailures.has(error.code)) throw error
    const reason = `WebGPU was found but failed, so WASM was taken: ${error.message}`
    return loadOn(onWasm(reason), host, setup, onProgress, signal)
  }
}

async function loadOn(
  choice: DeviceChoice,
  host: PlatformHost,
  setup: EngineSetup,
  onProgress: (progress: LoadProgress) => void,
  signal: AbortSignal,
): Promise<LoadedSession> {
  if (signal.aborted) throw loadAborted()
  const session = new WorkerSession(host.connectWorker(setup.runtime, choice.device))
  const abort = () => session.terminate(loadAborted())
  signal.addEventListener('abort', abort)
  try {
    const model = await session.load(loadRequest(choice, host, setup), onProgress)
    return { session, model: { ...model, deviceReason: choice.deviceReason } }
  } catch (error) {
    session.terminate(loadAborted())
    throw error
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

function loadRequest(choice: DeviceChoice, host: PlatformHost, setup: EngineSetup): LoadRequest {
  return {
    runtime: setup.runtime,
    model: setup.model,
    device: choice.device,
    adapterFeatures: choice.adapterFeatures,
    dtype: setup.model.dtype ?? setup.dtype,
    storage: setup.storage,
    hubURL: setup.hubURL,
    hubToken: setup.hubToken,
    threads: setup.threads,
    cpuBackend: setup.cpuBackend,
    speculation: setup.speculation,
    baseURL: host.baseURL(),
  }
}
