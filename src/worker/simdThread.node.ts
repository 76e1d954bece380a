import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { runThread, type SpawnThread, type ThreadInit } from '../inference/index.js'

const threadName = 'react-edge-llm-simd-thread'

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

/** Starts threads from the worker's own file. */
export function simdThreadSpawner(file: URL): SpawnThread {
  return (init) =>
    new Promise((resolve, reject) => {
      const worker = new Worker(file, { workerData: threadName })
      worker.once('error', reject)
      worker.once('exit', (code) => reject(new Error(`it ended with exit code ${code}`)))
      worker.once('message', () => resolve({ terminate: () => void worker.terminate() }))
      worker.postMessage(init)
    })
}
