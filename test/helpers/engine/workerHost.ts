import { expose } from 'comlink'
import type { PlatformHost } from '../../../src/engine/PlatformHost.js'
import type { Runtime } from '../../../src/inference/Runtime.js'
import type { Device } from '../../../src/models/types.js'
import { createEngineWorker, type LoadRuntime, type OpenFiles } from '../../../src/worker/createEngineWorker.js'
import { GPUWatch } from '../../../src/worker/GPUWatch.js'
import { FakeGPULoss } from '../FakeGPU.js'

/** A worker's life, as a test sees and steers it. */
export interface TestWorker {
  readonly device: Device
  terminated: boolean
  /** The GPU that models run on. */
  readonly gpu: FakeGPULoss
  /** Makes the worker die by itself. */
  crash(cause: unknown): void
  /** Makes the worker die without a word, or hang: it says and hears nothing any more. */
  silence(): void
}

/**
 * A platform whose workers are message channels of this thread: the real protocol on both sides,
 * around a runtime of the test's.
 */
export function workerHost(loadRuntime: (worker: TestWorker) => LoadRuntime, device: Device = 'wasm', openFiles?: OpenFiles) {
  const workers: TestWorker[] = []
  const host: PlatformHost = {
    baseURL: () => 'http://localhost/',
    detectDevice: (wanted) => Promise.resolve({ device: wanted === 'wasm' ? wanted : device, deviceReason: 'the test says so', adapterFeatures: [] }),
    connectWorker(_runtime, workerDevice) {
      const { port1, port2 } = new MessageChannel()
      let onCrash: (cause: unknown) => void = () => undefined
      const gpu = new FakeGPULoss()
      const watch = new GPUWatch()
      watch.add(gpu)
      const worker: TestWorker = {
        device: workerDevice,
        terminated: false,
        gpu,
        silence: () => port2.close(),
        crash(cause) {
          port2.close()
          onCrash(cause)
        },
      }
      workers.push(worker)
      expose(createEngineWorker(loadRuntime(worker), openFiles, workerDevice === 'webgpu' ? watch : undefined), port2)
      return {
        endpoint: port1,
        onCrash: (listener) => (onCrash = listener),
        terminate() {
          worker.terminated = true
          port1.close()
          port2.close()
        },
      }
    },
  }
  return { host, workers }
}

/** A runtime around one function. */
export function scriptedRuntime(generate: Runtime['generate'], device: Device = 'wasm'): Runtime {
  return {
    model: {
      id: 'test',
      runtime: 'onnx',
      device,
      backend: 'test',
      backendReason: 'test',
      dtype: undefined,
      contextLength: 128,
      vocabSize: 16,
      toolFormat: undefined,
      templateHasTools: false,
      toolCallBias: 0,
      threads: undefined,
      loadMs: 1,
      memoryBytes: undefined,
    },
    generate,
    dispose: () => Promise.resolve(),
  }
}
