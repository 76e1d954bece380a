import { LLMError } from '../../errors/index.js'
import { loadAborted, throwIfAborted } from '../loadErrors.js'
import { finalError, isTransient } from './TransientFailure.js'
import type { DownloadSettings } from './DownloadSettings.js'

/** What {@link Patience} goes by. */
export interface PatienceOptions {
  settings: DownloadSettings
  signal: AbortSignal | undefined
  /** Told when nothing flows until the next attempt. */
  onWait: () => void
}

/** Attempts in a row that are left to a server that never answered: it may not exist. */
const retriesBeforeAnswer = 1

/** Decides whether a failed request is made again, and waits until then. */
export class Patience {
  readonly #options: PatienceOptions
  #wasAnswered = false

  constructor(options: PatienceOptions) {
    this.#options = options
  }

  /** Some server answered: from now on a missing answer is the network's fault. */
  answered(): void {
    this.#wasAnswered = true
  }

  /**
   * Makes a request until it goes well or no attempt is left.
   * @param retries Fewer attempts than usual, for what can be done without.
   */
  async run<T>(attempt: () => Promise<T>, retries?: number): Promise<T> {
    for (let failures = 1; ; failures++) {
      try {
        return await attempt()
      } catch (failure) {
        await this.wait(failure, failures, retries)
      }
    }
  }

  /**
   * Waits before the next attempt: longer each time, at random up to half shorter, so that many pages do not come
   * back at once; on a device without network until there is one.
   * @param failures How many attempts failed in a row.
   * @throws The failure's error when no attempt is left; `network` when the device stays offline; `load-aborted`.
   */
  async wait(failure: unknown, failures: number, retries = this.#options.settings.retries): Promise<void> {
    const { settings, signal, onWait } = this.#options
    throwIfAborted(signal)
    const limit = this.#wasAnswered ? retries : Math.min(retries, retriesBeforeAnswer)
    if (!isTransient(failure)) throw finalError(failure)
    if (isOffline()) {
      onWait()
      await this.#online(failure.error)
      return
    }
    if (failures > limit) throw failure.error
    onWait()
    const longest = Math.min(settings.backoffMs * 2 ** (failures - 1), settings.longestBackoffMs)
    const asked = Math.min(failure.retryAfterMs ?? 0, 2 * settings.longestBackoffMs)
    await pause(Math.max(asked, longest * (0.5 + Math.random() / 2)), signal, 'online')
  }

  async #online(cause: LLMError): Promise<void> {
    const { settings, signal } = this.#options
    await pause(settings.offlineMs, signal, 'online')
    if (!isOffline()) return
    throw new LLMError({
      code: 'network',
      message: 'The device is offline. What has arrived of the model is kept: load again when there is a network.',
      recoverable: true,
      subject: cause.subject,
      cause,
    })
  }
}

function isOffline(): boolean {
  const { navigator } = globalThis as { navigator?: { onLine?: boolean } }
  return navigator?.onLine === false
}

/** Resolves after `ms`, or at once with an event of that name; an abort rejects. */
async function pause(ms: number, signal: AbortSignal | undefined, event: string): Promise<void> {
  const target = globalThis as Partial<EventTarget>
  let cleanUp = (): void => undefined
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, ms)
      const abort = (): void => reject(loadAborted())
      const wake = (): void => resolve()
      cleanUp = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', abort)
        target.removeEventListener?.(event, wake)
      }
      signal?.addEventListener('abort', abort)
      target.addEventListener?.(event, wake)
    })
  } finally {
    cleanUp()
  }
}
