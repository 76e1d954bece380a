import type { InferenceSession, TensorConstructor, TensorFactory } from 'onnxruntime-web'
import type { Device, ModelFiles } from '../../../models/index.js'

/** How a session is set up. */
export interface SessionRequest {
  graph: ModelFiles['graph']
  /** Outputs that shall stay on the device. */
  deviceOutputs: readonly string[]
}

/** One build of ONNX Runtime. Each worker entry brings exactly one. */
export interface OrtBinding {
  /** E.g. `onnxruntime-web/wasm`. */
  name: string
  device: Device
  /** CPU threads that sessions use; undefined where the build decides itself. */
  threads: number | undefined
  Tensor: TensorConstructor & TensorFactory
  createSession(request: SessionRequest): Promise<InferenceSession>
  /** Bytes of WebAssembly memory, or of the process in Node. */
  memoryBytes(): number | undefined
  /** The GPU device that sessions run on. Undefined on CPUs. */
  gpuDevice(): Promise<GPUDeviceLike | undefined>
}

/** The parts of WebGPU that the KV cache needs. (The package does without WebGPU's type library.) */
export interface GPUDeviceLike {
  createBuffer(descriptor: { size: number; usage: number }): GPUBufferLike
  createCommandEncoder(): {
    copyBufferToBuffer(source: GPUBufferLike, from: number, target: GPUBufferLike, to: number, size: number): void
    finish(): object
  }
  queue: { submit(commands: object[]): void }
}

/** A buffer in GPU memory. */
export interface GPUBufferLike {
  destroy(): void
}
