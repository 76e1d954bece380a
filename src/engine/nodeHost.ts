import { pathToFileURL } from 'node:url'
import { MessageChannel, Worker } from 'node:worker_threads'
import type { PlatformHost } from './PlatformHost.js'

/** Node: worker threads, ONNX Runtime's native CPU build. */
export const nodeHost: PlatformHost = {
  baseURL: () => pathToFileURL(`${process.cwd()}/`).href,

  detectDevice: () =>
    Promise.resolve({ device: 'cpu', deviceReason: 'Node runs models on the CPU.', adapterFeatures: [] }),

  connectWorker() {
    const { port1, port2 } = new MessageChannel()
    const worker = new Worker(new URL('../worker/node.js', import.meta.url), {
      workerData: port2,
      transferList: [port2],
    })
    return {
      endpoint: port1 as unknown as globalThis.MessagePort,
      onCrash(listener) {
        worker.on('error', listener)
        worker.on('messageerror', listener)
        worker.on('exit', (code) => listener(new Error(`exit code ${code}`)))
      },
      terminate() {
        port1.close()
        void worker.terminate()
      },
    }
  },
}
