import { ThreadHost } from '../../../src/engine/ThreadHost.js'
import type { VectorReport, VectorRequest } from './vectorsWorker.js'

/** Checks the core's test vectors in a worker of this page. Several threads need a cross-origin isolated page. */
export async function checkVectors(request: VectorRequest): Promise<VectorReport> {
  const worker = new Worker(new URL('./vectorsWorker.ts', import.meta.url), { type: 'module' })
  const threads = new ThreadHost(worker)
  try {
    return await new Promise((resolve, reject) => {
      worker.onerror = ({ message }) => reject(new Error(message))
      worker.onmessage = ({ data }: MessageEvent<VectorReport | { error: string }>) => {
        if ('error' in data) reject(new Error(data.error))
        else resolve(data)
      }
      worker.postMessage(request)
    })
  } finally {
    worker.terminate()
    threads.end()
  }
}
