import type { GPUBufferLike, GPUDeviceLike } from '../../src/inference/runtimes/onnx/OrtBinding.js'

/** A GPU buffer in the test's own memory. */
export class FakeGPUBuffer implements GPUBufferLike {
  readonly bytes: Uint8Array
  isDestroyed = false

  constructor(size: number) {
    this.bytes = new Uint8Array(size)
  }

  get size(): number {
    return this.bytes.length
  }

  destroy(): void {
    this.isDestroyed = true
  }

  mapAsync(): Promise<void> {
    return Promise.resolve()
  }

  getMappedRange(offset: number, size: number): ArrayBuffer {
    return this.bytes.slice(offset, offset + size).buffer
  }

  unmap(): void {
    // Nothing is mapped: ranges are copies.
  }
}

/** A GPU device that can be lost. */
export class FakeGPULoss {
  /** Ends the device; `destroyed` as if JavaScript had given it back. */
  lose!: (info: { reason: 'unknown' | 'destroyed'; message: string }) => void
  readonly lost = new Promise<{ reason: string; message: string }>((resolve) => (this.lose = resolve))
}

/** A GPU that copies bytes, when commands are submitted and not before. */
export function fakeGPU(): { device: GPUDeviceLike; buffers: FakeGPUBuffer[] } {
  const buffers: FakeGPUBuffer[] = []
  const device: GPUDeviceLike = {
    createBuffer({ size }) {
      const buffer = new FakeGPUBuffer(size)
      buffers.push(buffer)
      return buffer
    },
    createCommandEncoder() {
      const copies: (() => void)[] = []
      return {
        copyBufferToBuffer(source, from, target, to, size) {
          if (from % 4 || to % 4 || size % 4) throw new Error('Copies go by four bytes.')
          copies.push(() => (target as FakeGPUBuffer).bytes.set((source as FakeGPUBuffer).bytes.subarray(from, from + size), to))
        },
        finish: () => copies,
      }
    },
    queue: {
      submit: (commands) => (commands as (() => void)[][]).flat().forEach((copy) => copy()),
      writeBuffer: (buffer, offset, data) => (buffer as FakeGPUBuffer).bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset),
    },
  }
  return { device, buffers }
}
