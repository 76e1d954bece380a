import type { ModelState, ReadyModel } from '../engine/types.js'
import type { LLMError } from '../errors/index.js'
import type { GenerateMetrics, LocalRuntimeName } from '../inference/types.js'
import type { Device, Dtype, LoadProgress } from '../models/types.js'

interface NotReady {
  model: undefined
  runtime: undefined
  backend: undefined
  backendReason: undefined
  device: undefined
  deviceReason: undefined
  dtype: undefined
  isReady: false
}

interface Ready {
  /** Everything known about the loaded model. */
  model: ReadyModel
  /** The runtime in use. */
  runtime: LocalRuntimeName
  /** What executes the graph, e.g. `onnxruntime-web/wasm`. */
  backend: string
  /** Why this backend, in one sentence. */
  backendReason: string
  device: Device
  /** Why this device, in one sentence. */
  deviceReason: string
  /** Precision of the weights, where it is known. */
  dtype: Dtype | undefined
  isReady: true
}

/** The model's state, told apart by `status`. */
export type LLMModelState =
  | ({ status: 'idle'; progress: undefined; error: undefined } & NotReady)
  | ({ status: 'downloading' | 'loading'; progress: LoadProgress; error: undefined } & NotReady)
  | ({ status: 'ready'; progress: undefined; error: undefined } & Ready)
  | ({ status: 'error' | 'unsupported'; progress: undefined; error: LLMError } & NotReady)

/** The model's state and what it is doing. */
export type LLMState = LLMModelState & {
  /** Whether a generation of this provider, of any hook, runs or waits its turn. */
  isGenerating: boolean
  /** Figures of the last generation by this engine, of any hook. */
  metrics: GenerateMetrics | undefined
}

const notReady: NotReady = {
  model: undefined,
  runtime: undefined,
  backend: undefined,
  backendReason: undefined,
  device: undefined,
  deviceReason: undefined,
  dtype: undefined,
  isReady: false,
}

/** What the server renders, and every provider's first state. */
export const idleState: LLMState = {
  status: 'idle',
  progress: undefined,
  error: undefined,
  ...notReady,
  isGenerating: false,
  metrics: undefined,
}

/** Every field of {@link LLMModelState}, whatever the status. */
export function toModelState(state: ModelState): LLMModelState {
  const rest = { progress: undefined, error: undefined, ...notReady }
  if (state.status !== 'ready') return { ...rest, ...state }
  const { status, model } = state
  const { runtime, backend, backendReason, device, deviceReason, dtype } = model
  return { ...rest, status, model, runtime, backend, backendReason, device, deviceReason, dtype, isReady: true }
}
