import type { Tensor } from 'onnxruntime-web'
import type { KVSlot } from './DecoderGraph.js'
import { gpuBufferUsage, type GPUBufferLike, type GPUDeviceLike, type OrtBinding } from './OrtBinding.js'

/** Tokens there is room for at first. */
const firstCapacity = 1024

/**
 * Keys and values in GPU buffers that stay where they are: runs write new tokens behind the old
 * ones. Grows by doubling, which copies.
 */
export class ResidentKV {
  readonly #binding: OrtBinding
  readonly #device: GPUDeviceLike
  readonly #slots: readonly KVSlot[]
  readonly #maxTokens: number
  #buffers: GPUBufferLike[] = []
  #tensors: Tensor[] = []
  #capacity = 0

  /** @param maxTokens the model's context; no buffer is made for more. */
  constructor(binding: OrtBinding, device: GPUDeviceLike, slots: readonly KVSlot[], maxTokens: number) {
    this.#binding = binding
    this.#device = device
    this.#slots = slots
    this.#maxTokens = maxTokens
  }

  /** Tokens there is room for. A recording holds for one capacity. */
  get capacity(): number {
    return this.#capacity
  }

  /** Makes room for `tokens`, of which `kept` are there already. */
  reserve(tokens: number, kept: number): void {
    if (tokens <= this.#capacity) return
    let capacity = Math.max(firstCapacity, this.#capacity)
    while (capacity < tokens) capacity *= 2
    capacity = Math.max(tokens, Math.min(capacity, this.#maxTokens))
    const next = this.#slots.map((slot) =>
      this.#device.createBuffer({ size: alignTo16(slot.heads * rowBytes(slot) * capacity), usage: gpuBufferUsage }),
    )
    if (kept > 0) this.#copy(next, capacity, kept)
    this.dispose()
    this.#capacity = capacity
    this.#buffers = next
    this.#tensors = this.#slots.map((slot, i) =>
      this.#binding.Tensor.fromGpuBuffer(next[i] as never, { dataType: slot.type, dims: [1, slot.heads, capacity, slot.headDim] }),
    )
  }

  /** Puts the buffers into a run's inputs and outputs. */
  addTo(feeds: Record<string, Tensor>, fetches: Record<string, Tensor>): void {
    this.#slots.forEach(({ input, output }, i) => {
      feeds[input] = this.#tensors[i]!
      fetches[output] = this.#tensors[i]!
    })
  }

  /** A copy of the first `length` tokens, closely packed: all slots one after the other in one buffer. */
  copyOut(length: number): GPUBufferLike {
    const size = this.#slots.reduce((sum, slot) => sum + slot.heads * rowBytes(slot) * length, 0)
    const copy = this.#device.createBuffer({ size: alignTo16(size), usage: gpuBufferUsage })
    this.#copyHeads(length, length, (buffer, from, at, bytes, encoder) => encoder.copyBufferToBuffer(buffer, from, copy, at, bytes))
    return copy
  }

  /** Brings back the first `length` tokens of a {@link copyOut} of `held` tokens. There must be room for them. */
  copyIn(copy: GPUBufferLike, held: number, length: number): void {
    this.#copyHeads(held, length, (buffer, at, from, bytes, encoder) => encoder.copyBufferToBuffer(copy, from, buffer, at, bytes))
  }

  dispose(): void {
    for (const buffer of this.#buffers) buffer.destroy()
    this.#buffers = []
  }

  #copyHeads(held: number, length: number, copy: CopyHead): void {
    const encoder = this.#device.createCommandEncoder()
    let packed = 0
    this.#slots.forEach((slot, i) => {
      const row = rowBytes(slot)
      for (let head = 0; head < slot.heads; head++, packed += held * row) {
        copy(this.#buffers[i]!, head * this.#capacity * row, packed, length * row, encoder)
      }
    })
    this.#device.queue.submit([encoder.finish()])
  }

  #copy(next: readonly GPUBufferLike[], capacity: number, kept: number): void {
    const encoder = this.#device.createCommandEncoder()
    this.#slots.forEach((slot, i) => {
      const row = rowBytes(slot)
      for (let head = 0; head < slot.heads; head++) {
        encoder.copyBufferToBuffer(this.#buffers[i]!, head * this.#capacity * row, next[i]!, head * capacity * row, kept * row)
      }
    })
    this.#device.queue.submit([encoder.finish()])
  }
}

/** Copies a head's tokens between its buffer and the place it has in a packed copy. All in bytes. */
type CopyHead = (buffer: GPUBufferLike, inBuffer: number, inCopy: number, bytes: number, encoder: ReturnType<GPUDeviceLike['createCommandEncoder']>) => void

function rowBytes({ headDim, type }: KVSlot): number {
  return headDim * (type === 'float16' ? 2 : 4)
}

function alignTo16(size: number): number {
  return Math.ceil(size / 16) * 16
}
