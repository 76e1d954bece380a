import { LLMError } from '../errors/index.js'

interface LossInfo {
  /** `destroyed` where JavaScript has given the device back. */
  reason?: string | undefined
  message?: string
}

/** The part of a WebGPU device that tells of its loss. */
export interface LosableDevice {
  readonly lost: Promise<LossInfo>
}

/** An operation fails and the device says that it is lost: whichever comes first, the other is not far. */
const EXPLAIN_MS = 200

/** The GPU devices of a worker, whoever made them, and whether they are still there. */
export class GPUWatch {
  #newest: LosableDevice | undefined
  /** The newest device was given back before there was a model. */
  #returned: LossInfo | undefined
  #isInUse = false
  #lose!: (loss: LLMError) => void
  readonly #loss = new Promise<LLMError>((resolve) => (this.#lose = resolve))

  /** Watches all devices that are made in this realm from now on. Meant for a worker's own realm, whose `GPUAdapter` it changes. */
  static ofRealm(): GPUWatch {
    const watch = new GPUWatch()
    const adapter = (globalThis as { GPUAdapter?: { prototype: { requestDevice(...args: unknown[]): Promise<LosableDevice> } } }).GPUAdapter
    if (!adapter) return watch
    const { prototype } = adapter
    const request = prototype.requestDevice
    prototype.requestDevice = async function (...args) {
      const device = await request.apply(this, args)
      watch.add(device)
      return device
    }
    return watch
  }

  /** Watches one device. */
  add(device: LosableDevice): void {
    this.#newest = device
    this.#returned = undefined
    void device.lost.then((info) => {
      // A runtime that tries one session and takes another gives the first one's device back.
      if (this.#isInUse || info.reason !== 'destroyed') this.#lose(deviceLost(info))
      else if (device === this.#newest) this.#returned = info
    })
  }

  /** The model is loaded: from now on no device goes away on purpose. */
  use(): void {
    this.#isInUse = true
    if (this.#returned) this.#lose(deviceLost(this.#returned))
  }

  /** Calls back when the GPU is lost. */
  onLoss(listener: (loss: LLMError) => void): void {
    void this.#loss.then(listener)
  }

  /** The loss, if it explains that something failed, else `error`. */
  async explain(error: LLMError): Promise<LLMError> {
    if (this.#newest === undefined) return error
    let timer: ReturnType<typeof setTimeout> | undefined
    const unexplained = new Promise<LLMError>((resolve) => (timer = setTimeout(() => resolve(error), EXPLAIN_MS)))
    return Promise.race([this.#loss, unexplained]).finally(() => clearTimeout(timer))
  }
}

function deviceLost({ message }: LossInfo): LLMError {
  const detail = message ? ` (${message})` : ''
  return new LLMError({
    code: 'device-lost',
    subject: 'webgpu',
    recoverable: true,
    message: `The GPU was lost${detail}: its driver was reset, or the browser took it away. The model is loaded again with the next request.`,
  })
}
