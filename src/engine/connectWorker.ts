import type { Device } from '../models/types.js'
import type { LocalRuntimeName } from '../inference/types.js'
import { ThreadHost } from './ThreadHost.js'
import { WorkerScriptError, type WorkerConnection } from './WorkerSession.js'

/** Starts the browser worker that runs `runtime` on `device`. */
export function connectWorker(runtime: LocalRuntimeName, device: Device): WorkerConnection {
  const worker = startWorker(runtime, device)
  const threads = new ThreadHost(worker)
  return {
    endpoint: worker,
    onCrash(listener) {
      worker.addEventListener('error', (event) => {
        event.preventDefault()
        // Browsers say nothing at all about a script that could not be fetched.
        listener(event.message ? new Error(event.message) : new WorkerScriptError(`${runtime} (${device})`))
      })
      worker.addEventListener('messageerror', () => listener(new Error('a message could not be read')))
    },
    terminate() {
      worker.terminate()
      threads.end()
    },
  }
}

// Bundlers find workers only where the whole expression is written out.
function startWorker(runtime: LocalRuntimeName, device: Device): Worker {
  if (runtime === 'transformers') {
    return new Worker(new URL('../worker/transformers.js', import.meta.url), { type: 'module' })
  }
  if (device === 'webgpu') return new Worker(new URL('../worker/onnx-webgpu.js', import.meta.url), { type: 'module' })
  return new Worker(new URL('../worker/onnx-wasm.js', import.meta.url), { type: 'module' })
}
