import type { LoadProgress } from '../types.js'

/** The right to download a model, which one tab of an origin has at a time. */
export interface DownloadTurn {
  /** Another tab had it first, so that storage may hold now what was missing before. */
  hasWaited: boolean
  /** Tells the tabs that wait how far the download is. */
  tell(progress: LoadProgress): void
  /** Lets the next tab go on. A tab or worker that dies lets it go on as well. */
  end(): void
}

const alone: DownloadTurn = { hasWaited: false, tell: () => undefined, end: () => undefined }

/**
 * Waits until no other tab downloads a model. Where the browser has no Web Locks nobody waits: two tabs then store the
 * same pieces, which harms nothing.
 * @param onProgress Told how far the tab is that downloads meanwhile.
 */
export async function takeTurn(key: string, signal: AbortSignal | undefined, onProgress: (progress: LoadProgress) => void): Promise<DownloadTurn> {
  const { locks } = (globalThis as { navigator?: { locks?: LockManager } }).navigator ?? {}
  if (!locks || typeof BroadcastChannel === 'undefined') return alone
  const name = `react-edge-llm download ${key}`
  const channel = new BroadcastChannel(name)
  channel.onmessage = ({ data }: MessageEvent<LoadProgress>) => onProgress(data)
  const request = (options: LockOptions, hasWaited: boolean): Promise<DownloadTurn | undefined> =>
    new Promise((resolve, reject) => {
      const hold = (lock: Lock | null): Promise<void> | void => {
        if (!lock) return resolve(undefined)
        channel.onmessage = null
        return new Promise<void>((release) => {
          const end = (): void => {
            channel.close()
            release()
          }
          resolve({ hasWaited, tell: (progress) => channel.postMessage(progress), end })
        })
      }
      locks.request(name, options, hold).catch(reject)
    })
  try {
    const turn = (await request({ ifAvailable: true }, false)) ?? (await request(signal ? { signal } : {}, true))
    return turn ?? alone
  } catch (error) {
    channel.close()
    if (signal?.aborted) throw error
    // A sandboxed page has the interface and refuses it.
    return alone
  }
}
