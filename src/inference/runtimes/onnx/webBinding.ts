import type * as ORT from 'onnxruntime-web'
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
  return {
    name: `onnxruntime-web/${provider}`,
    device: provider,
    threads,
    Tensor: ort.Tensor,
    memoryBytes,
    createSession: ({ graph, deviceOutputs }: SessionRequest) =>
      ort.InferenceSession.create(graph.bytes, {
        executionProviders: [provider],
        externalData: graph.externalData.map(({ path, bytes }) => ({ path, data: bytes })),
        preferredOutputLocation: Object.fromEntries(deviceOutputs.map((name) => [name, 'gpu-buffer' as const])),
        logSeverityLevel: 3,
      }),
    gpuDevice: async () =>
      provider === 'webgpu' ? ((await ort.env.webgpu.device) as GPUDeviceLike) : undefined,
  }
}

/** WebAssembly threads need shared memory, which pages get only when they are cross-origin isolated. */
export function usableThreads(wanted: number | undefined): number {
  if (!globalThis.crossOriginIsolated) return 1
  return wanted ?? Math.min(MAX_THREADS, navigator.hardwareConcurrency || 1)
}
