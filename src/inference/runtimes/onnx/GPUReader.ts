import { halfToFloat } from './float16.js'
import { mapForReading, readBufferUsage, type GPUBufferLike, type GPUDeviceLike } from './OrtBinding.js'

/** Brings numbers from GPU memory, through one buffer that is kept for it. */
export class GPUReader {
  readonly #device: GPUDeviceLike
  #staging: GPUBufferLike | undefined
  #numbers = new Float32Array(0)

  constructor(device: GPUDeviceLike) {
    this.#device = device
  }

  /** @returns the first `count` elements; the array is valid until the next call. */
  async read(buffer: GPUBufferLike, count: number, type: string): Promise<Float32Array> {
    const bytes = Math.ceil((count * (type === 'float16' ? 2 : 4)) / 16) * 16
    const staging = this.#stagingOf(bytes)
    const encoder = this.#device.createCommandEncoder()
    encoder.copyBufferToBuffer(buffer, 0, staging, 0, bytes)
    this.#device.queue.submit([encoder.finish()])
    await staging.mapAsync(mapForReading, 0, bytes)
    const range = staging.getMappedRange(0, bytes)
    const numbers = this.#numbersOf(count)
    if (type === 'float16') halfToFloat(new Uint16Array(range, 0, count), numbers)
    else numbers.set(new Float32Array(range, 0, count))
    staging.unmap()
    return numbers
  }

  dispose(): void {
    this.#staging?.destroy()
  }

  #stagingOf(bytes: number): GPUBufferLike {
    if (this.#staging && bytes <= this.#staging.size) return this.#staging
    this.#staging?.destroy()
    return (this.#staging = this.#device.createBuffer({ size: bytes, usage: readBufferUsage }))
  }

  #numbersOf(count: number): Float32Array {
    if (this.#numbers.length < count) this.#numbers = new Float32Array(count)
    return this.#numbers.subarray(0, count)
  }
}
