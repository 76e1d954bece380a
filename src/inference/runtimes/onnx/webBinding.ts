import type * as ORT from 'onnxruntime-web'
import { identityModel } from '../../graph/identityModel.js'
import { observeDispatches } from './directDispatch.js'
import type { GPUDeviceLike, OrtBinding, SessionRequest } from './OrtBinding.js'
import { observeWasmMemory } from './wasmMemory.js'

/** What a build of ONNX Runtime Web needs to start. */
export interface WebBindingInit {
  /** The namespace of the build, e.g. `import * as ort from 'onnxruntime-web/wasm'`. */
  ort: typeof ORT
  /** URLs of the build's two WebAssembly files. */
  assets: { mjs: URL; wasm: URL }
  /** Execution provider; each build has one that we use. */
  provider: 'wasm' | 'webgpu'
  /** CPU threads. Undefined: chosen from the device. */
  threads: number | undefined
}

/** Most CPU threads that are taken unasked. */
const MAX_THREADS = 4

/** ONNX Runtime Web as the realm's one and only runtime; sets its global `env`. */
export function createWebBinding({ ort, assets, provider, threads: wanted }: WebBindingInit): OrtBinding {
  const threads = usableThreads(wanted)
  ort.env.wasm.wasmPaths = { mjs: assets.mjs.href, wasm: assets.wasm.href }
  ort.env.wasm.numThreads = threads
  ort.env.wasm.proxy = false
  ort.env.logLevel = 'error'
  if (provider === 'webgpu') ort.env.webgpu.powerPreference = 'high-performance'
  const memoryBytes = observeWasmMemory()
  // ONNX Runtime starts with its first session, and asks for the GPU for as long as there is one.
  let first: Promise<ORT.InferenceSession> | undefined
  return {
    name: `onnxruntime-web/${provider}`,
    device: provider,
    threads,
    Tensor: ort.Tensor,
    memoryBytes,
    async start() {
      await (first ??= ort.InferenceSession.create(identityModel(), { executionProviders: [{ name: provider }], logSeverityLevel: 3 }))
    },
    async createSession(request: SessionRequest) {
      const started = await first
      first = undefined
      try {
        return await ort.InferenceSession.create(request.graph.bytes, sessionOptions(request, provider))
      } finally {
        await started?.release()
      }
    },
    gpuDevice: async () =>
      provider === 'webgpu' ? ((await ort.env.webgpu.device) as GPUDeviceLike) : undefined,
    ...(provider === 'webgpu' && { directDispatch: observeDispatches(), storageBuffers }),
  }
}

/** Of the adapter that ONNX Runtime takes, with its preference; it asks the device for all of them. */
async function storageBuffers(): Promise<number | undefined> {
  const { gpu } = navigator as { gpu?: { requestAdapter(options: object): Promise<{ limits: { maxStorageBuffersPerShaderStage: number } } | null> } }
  const adapter = await gpu?.requestAdapter({ powerPreference: 'high-performance' })
  return adapter?.limits.maxStorageBuffersPerShaderStage
}

function sessionOptions({ graph, deviceOutputs, records }: SessionRequest, provider: WebBindingInit['provider']): ORT.InferenceSession.SessionOptions {
  const externalData = graph.externalData.map(({ path, bytes }) => ({ path, data: bytes }))
  const options: ORT.InferenceSession.SessionOptions = {
    executionProviders: [{ name: provider }],
    externalData,
    preferredOutputLocation: Object.fromEntries(deviceOutputs.map((name) => [name, 'gpu-buffer' as const])),
    logSeverityLevel: 3,
  }
  if (!records) return options
  // ONNX Runtime Web binds a recording session to the first run's tensors for good, prompts would not
  // fit. So the provider is told to record, and the JavaScript around it, which reads the option again
  // after the weights, is not.
  let isTold = false
  return Object.defineProperties({ ...options, graphOptimizationLevel: 'disabled' as const }, {
    enableGraphCapture: { get: () => !isTold, enumerable: true },
    externalData: {
      get() {
        isTold = true
        return externalData
      },
      enumerable: true,
    },
  })
}

/** WebAssembly threads need shared memory, which pages get only when they are cross-origin isolated. */
export function usableThreads(wanted: number | undefined): number {
  if (!globalThis.crossOriginIsolated) return 1
  return wanted ?? Math.min(MAX_THREADS, navigator.hardwareConcurrency || 1)
}
