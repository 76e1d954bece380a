import type { InferenceSession, TensorConstructor, TensorFactory } from 'onnxruntime-web'
import type { Device, ModelFiles } from '../../../models/index.js'
import type { DirectDispatch } from './directDispatch.js'

/** How a session is set up. */
export interface SessionRequest {
  graph: ModelFiles['graph']
  /** Outputs that shall stay on the device. */
  deviceOutputs: readonly string[]
  /**
   * Whether runs may be recorded and replayed. Then every run takes and gives GPU buffers, and the
   * graph is taken as it is. Default false.
   */
  records?: boolean
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
  /**
   * Makes ready what the first session needs and no model: code is fetched and compiled, the GPU is asked for. What fails
   * is the failure of the first session, too. Left out: there is nothing to do.
   */
  start?(): Promise<void>
  /** Bytes of WebAssembly memory, or of the process in Node. */
  memoryBytes(): number | undefined
  /** The GPU device that sessions run on. Undefined on CPUs. */
  gpuDevice(): Promise<GPUDeviceLike | undefined>
  /** Storage buffers that one kernel can use, on GPUs. */
  storageBuffers?(): Promise<number | undefined>
  /** Where runs can be recorded: the size of their indirect dispatches. */
  directDispatch?: DirectDispatch
}

// Spelled out because the globals exist only with WebGPU.
/** GPUBufferUsage.STORAGE | COPY_SRC | COPY_DST */
export const gpuBufferUsage = 0x80 | 0x04 | 0x08
/** GPUBufferUsage.MAP_READ | COPY_DST */
export const readBufferUsage = 0x01 | 0x08
/** GPUMapMode.READ */
export const mapForReading = 0x01

/** The parts of WebGPU that the decoder needs. (The package does without WebGPU's type library.) */
export interface GPUDeviceLike {
  createBuffer(descriptor: { size: number; usage: number }): GPUBufferLike
  createCommandEncoder(): {
    copyBufferToBuffer(source: GPUBufferLike, from: number, target: GPUBufferLike, to: number, size: number): void
    finish(): object
  }
  queue: {
    submit(commands: object[]): void
    writeBuffer(buffer: GPUBufferLike, offset: number, data: ArrayBufferView): void
  }
}

/** A buffer in GPU memory. */
export interface GPUBufferLike {
  /** Bytes. */
  readonly size: number
  destroy(): void
  mapAsync(mode: number, offset: number, size: number): Promise<void>
  getMappedRange(offset: number, size: number): ArrayBuffer
  unmap(): void
}
