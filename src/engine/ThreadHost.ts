import type { ThreadOrder, ThreadReport, ThreadRequest } from '../worker/protocol.js'

/**
 * Makes the threads that a worker asks for, and ends them with it. Where a debugger watches, `new Worker` inside of a
 * worker may never return in Firefox; on a page it always does (decision 23).
 */
export class ThreadHost {
  readonly #threads = new Set<Worker>()
  #ended = false

  /** @param worker whose requests only the listeners see that it has already. */
  constructor(worker: Worker) {
    worker.addEventListener('message', (event: MessageEvent<unknown>) => {
      const [port] = event.ports
      if (!port || !isRequest(event.data)) return
      event.stopImmediatePropagation()
      if (!this.#ended) this.#start(event.data, port)
    })
  }

  /** Ends all threads; there will be no more. */
  end(): void {
    this.#ended = true
    for (const thread of this.#threads) thread.terminate()
    this.#threads.clear()
  }

  #start({ startThread: { url, name, init } }: ThreadRequest, port: MessagePort): void {
    const report = (told: ThreadReport) => port.postMessage(told)
    try {
      const thread = new Worker(url, { type: 'module', name })
      this.#threads.add(thread)
      thread.onmessage = () => report('ready')
      thread.onmessageerror = () => report({ problem: 'its module or memory could not be sent' })
      thread.onerror = (event) => {
        event.preventDefault()
        report({ problem: event.message || 'its script was refused' })
      }
      port.onmessage = ({ data }: MessageEvent<ThreadOrder>) => {
        if (data !== 'end') return
        thread.terminate()
        this.#threads.delete(thread)
        port.close()
      }
      thread.postMessage(init)
    } catch (error) {
      report({ problem: error instanceof Error ? error.message : String(error) })
    }
  }
}

function isRequest(data: unknown): data is ThreadRequest {
  return typeof data === 'object' && data !== null && 'startThread' in data
}
