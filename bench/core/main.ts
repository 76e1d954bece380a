// The page of the measurement of passes: it hands over to a worker.
import { ThreadHost } from '../../src/engine/ThreadHost.js'
import type { PassSetup, PassTimes } from './types.js'

function measure(setup: PassSetup): Promise<PassTimes> {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
  new ThreadHost(worker)
  return new Promise((resolve, reject) => {
    worker.onerror = (event) => reject(new Error(event.message))
    worker.onmessage = ({ data }: MessageEvent<PassTimes | { error: string }>) => {
      if ('error' in data) reject(new Error(data.error))
      else resolve(data)
    }
    worker.postMessage(setup)
  })
}

Object.assign(window, { measure, ready: true })
