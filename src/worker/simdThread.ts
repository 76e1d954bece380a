import { LLMError } from '../errors/index.js'
import { runThread, type SpawnThread, type ThreadInit } from '../inference/index.js'
import type { ThreadOrder, ThreadReport, ThreadRequest } from './protocol.js'

/** Name of workers that are threads of the SIMD core. */
const threadName = 'react-edge-llm-simd-thread'
const START_PATIENCE_MS = 10_000

/** Whether this worker was started as a thread of another one. */
export function isSimdThread(): boolean {
  return self.name === threadName
}

/** Works for the worker that started this one. */
export function serveSimdThread(): void {
  self.onmessage = ({ data }: MessageEvent<ThreadInit>) => {
    void runThread(data, () => self.postMessage('ready')).catch((error: unknown) => {
      // Thrown outside of the promise, it reaches the other side as an error event.
      setTimeout(() => {
        throw error
      })
    })
  }
}

/** What of a worker's global scope starts threads. */
interface ThreadScope {
  location: { href: string }
  postMessage(message: ThreadRequest, options: { transfer: Transferable[] }): void
}

/**
 * Starts threads from the worker's own file: wherever bundlers put it, it is there, and it may be run. The page makes
 * them, which hosts this worker with a `ThreadHost`: `new Worker` inside of a worker may never return in Firefox. A
 * thread that does not answer is given up after a while.
 * @param patienceMs how long a thread may take to start. Default: 10 s.
 */
export function simdThreadSpawner(scope: ThreadScope, patienceMs = START_PATIENCE_MS): SpawnThread {
  return (init) =>
    new Promise((resolve, reject) => {
      const { port1: port, port2 } = new MessageChannel()
      let ended = false
      const terminate = () => port.postMessage('end' satisfies ThreadOrder)
      const end = (problem: string) => {
        ended = true
        clearTimeout(timer)
        terminate()
        reject(new LLMError({ code: 'session-failed', subject: 'threads', message: `A thread of the SIMD core ${problem}. Set \`threads: 1\` to do without.` }))
      }
      const timer = setTimeout(() => end('did not start'), patienceMs)
      port.onmessage = ({ data }: MessageEvent<ThreadReport>) => {
        // Later, too: then it tells the pool, as soon as the event loop turns.
        if (data !== 'ready') return end(`could not start (${data.problem})`)
        clearTimeout(timer)
        resolve({ terminate, hasEnded: () => ended })
      }
      const request: ThreadRequest = { startThread: { url: scope.location.href, name: threadName, init } }
      // Not through the port: of workers' messages it is known that they carry shared memory in all browsers.
      scope.postMessage(request, { transfer: [port2] })
    })
}
