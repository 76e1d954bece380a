import { LLMError } from '../errors/index.js'
import { runThread, type SpawnThread, type ThreadInit } from '../inference/index.js'

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

/**
 * Starts threads from the worker's own file: wherever bundlers put it, it is there, and it may be run.
 * A thread that does not answer is given up after a while.
 */
export const spawnSimdThread: SpawnThread = (init) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(self.location.href, { type: 'module', name: threadName })
    let ended = false
    const end = (problem: string) => {
      ended = true
      clearTimeout(timer)
      worker.terminate()
      reject(new LLMError({ code: 'session-failed', subject: 'threads', message: `A thread of the SIMD core ${problem}. Set \`threads: 1\` to do without.` }))
    }
    const timer = setTimeout(() => end('did not start'), START_PATIENCE_MS)
    // Later, too: then it tells the pool, as soon as the event loop turns.
    worker.onerror = (event) => end(`could not start (${event.message || 'its script was refused'})`)
    worker.onmessageerror = () => end('could not start (its module or memory could not be sent)')
    worker.onmessage = () => {
      clearTimeout(timer)
      resolve({ terminate: () => worker.terminate(), hasEnded: () => ended })
    }
    worker.postMessage(init)
  })
