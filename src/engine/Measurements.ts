import type { LoadedModel, ProbeFigures } from '../inference/types.js'
import { onWasm, type DeviceChoice } from './detectDevice.js'
import type { PlatformHost } from './PlatformHost.js'
import type { EngineSetup } from './validateConfig.js'

/** What a load measured, as it is kept. `msPerToken` is null where the SIMD core could not run the model. */
interface Measured extends Omit<ProbeFigures, 'msPerToken'> {
  msPerToken: number | null
  /** Threads that were taken. */
  taken?: number | undefined
  dtype?: string | undefined
}

type ByDevice = Partial<Record<'webgpu' | 'wasm', Measured>>

/** A choice, and what it changes in a load. */
export interface MeasuredChoice extends DeviceChoice {
  /** Whether it is made to find out how fast the CPU is. Then only the SIMD core and the GPU's weights will do. */
  isTrial?: boolean
}

/** A GPU that takes longer for a token than many a CPU is worth a comparison. */
const SLOW_GPU_MS = 20
/** The GPU leaves the CPU to the page, and reads prompts faster. */
const WORTH = 0.8

/** How fast a model is on this device, measured by its first load and kept for later ones. */
export class Measurements {
  readonly #host: PlatformHost
  readonly #key: string
  readonly #known: ByDevice

  /** @param adapter tells this GPU from others; whatever else the speed depends on is in the setup. */
  constructor(host: PlatformHost, { runtime, model, dtype, cpuBackend }: EngineSetup, adapter: string) {
    this.#host = host
    const { cores = 1, isIsolated = false } = host.cpu?.() ?? {}
    this.#key = JSON.stringify([1, runtime, model.id, model.revision, model.dtype ?? dtype, cpuBackend, adapter, cores, isIsolated])
    this.#known = read(host.recall?.(this.#key))
  }

  /** Whether a load on `device` should measure: it has not, and there is somewhere to keep the result. */
  isWanted(device: DeviceChoice['device']): boolean {
    return this.#host.recall !== undefined && device !== 'cpu' && this.#known[device] === undefined
  }

  /** Threads that were fastest on the CPU. */
  get threads(): number | undefined {
    return this.#known.wasm?.taken
  }

  /** What is known of a model on the device it was loaded on. */
  of(device: DeviceChoice['device']): ProbeFigures | undefined {
    const known = device === 'cpu' ? undefined : this.#known[device]
    if (known === undefined || known.msPerToken === null) return undefined
    return { msPerToken: known.msPerToken, ...(known.threads && { threads: known.threads }) }
  }

  /** Takes the CPU in place of a GPU that is slower, or to find out. */
  choose(found: DeviceChoice, setup: Pick<EngineSetup, 'device' | 'cpuBackend'>): MeasuredChoice {
    const { webgpu, wasm } = this.#known
    const gpu = webgpu?.msPerToken
    if (setup.device !== 'auto' || found.device !== 'webgpu' || typeof gpu !== 'number') return found
    if (wasm === undefined) {
      const isTrial = gpu > SLOW_GPU_MS && webgpu?.dtype === 'q4' && setup.cpuBackend === 'auto'
      return isTrial ? { ...onWasm(`A token took ${gpu.toFixed(0)} ms on the GPU, so the CPU is tried and measured.`), isTrial } : found
    }
    if (wasm.msPerToken === null || wasm.msPerToken > WORTH * gpu) return found
    return onWasm(`Measured before: a token takes ${wasm.msPerToken.toFixed(0)} ms on the CPU and ${gpu.toFixed(0)} ms on the GPU.`)
  }

  /** Keeps what a load has measured. */
  keep({ device, probe, threads, dtype, backend }: LoadedModel): void {
    if (probe === undefined || device === 'cpu') return
    // Two threads are always tried where there may be two: these could not be started, which may be otherwise next time.
    if (probe.threads?.at(-1)?.threads === 1) return
    const taken = backend === 'simd' ? threads : undefined
    this.#write({ ...this.#known, [device]: { ...probe, dtype, ...(taken !== undefined && { taken }) } })
  }

  /** Keeps that the SIMD core cannot run the model, so that it is not tried again. */
  keepFailedTrial(): void {
    this.#write({ ...this.#known, wasm: { msPerToken: null } })
  }

  #write(known: ByDevice): void {
    Object.assign(this.#known, known)
    this.#host.remember?.(this.#key, JSON.stringify(known))
  }
}

/** What was kept; nothing where it cannot be read. */
function read(text: string | null | undefined): ByDevice {
  try {
    const known: unknown = JSON.parse(text ?? '{}')
    const isSound = (value: unknown): boolean =>
      value === undefined || (typeof value === 'object' && value !== null && ['number', 'object'].includes(typeof (value as Measured).msPerToken))
    const { webgpu, wasm } = known as ByDevice
    return isSound(webgpu) && isSound(wasm) ? { ...(webgpu && { webgpu }), ...(wasm && { wasm }) } : {}
  } catch {
    return {}
  }
}
