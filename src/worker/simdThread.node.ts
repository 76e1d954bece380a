import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { LLMError } from '../errors/index.js'
import { runThread, type SpawnThread, type ThreadInit } from '../inference/index.js'

const threadName = 'react-edge-llm-simd-thread'
const START_PATIENCE_MS = 10_000

/** Whether this worker was started as a thread of another one. */
export function isSimdThread(): boolean {
  return !isMainThread && workerData === threadName
}

/** Works for the worker that started this one. */
export function serveSimdThread(): void {
  parentPort?.once('message', (init: ThreadInit) => {
    void runThread(init, () => parentPort?.postMessage('ready')).catch((error: unknown) => {
      setTimeout(() => {
        throw error
      })
    })
  })
}

/**
 * Starts threads from the worker's own file. A thread that does not answer is given up after a while.
 * @param patienceMs how long a thread may take to start. Default: 10 s.
 */
export function simdThreadSpawner(file: URL, patienceMs = START_PATIENCE_MS): SpawnThread {
  return (init) =>
    new Promise((resolve, reject) => {
      const worker = new Worker(file, { workerData: threadName })
      let ended = false
      const end = (problem: string, cause?: unknown) => {
        ended = true
        clearTimeout(timer)
        void worker.terminate()
        const message = `A thread of the SIMD core ${problem}. Set \`threads: 1\` to do without.`
        reject(new LLMError({ code: 'session-failed', subject: 'threads', message, cause }))
      }
      const timer = setTimeout(() => end('did not start'), patienceMs)
      worker.once('error', (error) => end(`could not start (${error.message})`, error))
      worker.once('exit', (code) => end(`ended with exit code ${code}`))
      worker.once('message', () => {
        clearTimeout(timer)
        // Of a worker that is gone Node tells an idle time of -1, without a turn of the event loop; but only where it was asked before.
        const isGone = () => worker.performance.eventLoopUtilization().idle < 0
        ended = isGone()
        resolve({ terminate: () => void worker.terminate(), hasEnded: () => ended || isGone() })
      })
      worker.postMessage(init)
    })
}
