import type { Tensor, TypedTensor } from 'onnxruntime-web'
import type { KVSlot } from './DecoderGraph.js'
import { KVTensors } from './KVTensors.js'
import type { GPUBufferLike, OrtBinding } from './OrtBinding.js'

// GPUBufferUsage.STORAGE | COPY_SRC | COPY_DST, spelled out because the global exists only with WebGPU.
const KV_BUFFER_USAGE = 0x80 | 0x04 | 0x08

type KVTensor = TypedTensor<'float32'> | TypedTensor<'float16'>

/** Keys and values of all layers, where the device left them. Empty at first. */
export class KVCache {
  readonly #binding: OrtBinding
  readonly #slots: readonly KVSlot[]
  #present: KVTensors

  constructor(binding: OrtBinding, slots: readonly KVSlot[]) {
    this.#binding = binding
    this.#slots = slots
    this.#present = this.#empty()
  }

  /** Tokens in the cache. */
  get length(): number {
    return this.#present.length
  }

  /** Puts the cache into a run's inputs. */
  addTo(feeds: Record<string, Tensor>): void {
    this.#slots.forEach((slot, i) => (feeds[slot.input] = this.#present.tensors[i]!))
  }

  /** Takes over the cache that a run gave, `length` tokens long, and lets go of the old one. */
  replace(outputs: Readonly<Record<string, Tensor>>, length: number): void {
    this.#turnTo(new KVTensors(this.#slots.map((slot) => outputs[slot.output]!), length))
  }

  /** Cuts to the first `length` tokens. */
  async truncate(length: number): Promise<void> {
    if (length < this.length) this.#turnTo(await this.#cut(this.#present, length))
  }

  /** The cache as it is, for as long as it is not released. */
  hold(): KVTensors {
    return this.#present.hold()
  }

  /** Makes the first `length` tokens of what is held elsewhere the cache. */
  async restore(held: KVTensors, length: number): Promise<void> {
    this.#turnTo(length < held.length ? await this.#cut(held, length) : held.hold())
  }

  /** The first `length` tokens' bytes, one tensor after the other. Not for GPUs. */
  toImage({ tensors }: KVTensors, length: number): Uint8Array[] {
    return tensors.map((tensor) => {
      const cut = this.#sliceOnCPU(tensor as KVTensor, length).data as ArrayBufferView
      return new Uint8Array(cut.buffer, cut.byteOffset, cut.byteLength)
    })
  }

  /** What {@link toImage} made its bytes of; undefined when there are more or fewer of them. */
  fromImage(image: Uint8Array, length: number): KVTensors | undefined {
    const size = ({ heads, headDim, type }: KVSlot) => heads * headDim * length * (type === 'float16' ? 2 : 4)
    if (image.length !== this.#slots.reduce((sum, slot) => sum + size(slot), 0)) return undefined
    let at = 0
    const tensors = this.#slots.map((slot) => {
      const { buffer } = image.slice(at, (at += size(slot)))
      const dims = [1, slot.heads, length, slot.headDim]
      const { Tensor } = this.#binding
      return slot.type === 'float32' ? new Tensor('float32', new Float32Array(buffer), dims) : new Tensor('float16', new Uint16Array(buffer), dims)
    })
    return new KVTensors(tensors, length)
  }

  /** Lets go of all tensors. */
  dispose(): void {
    this.#turnTo(new KVTensors([], 0))
  }

  #turnTo(next: KVTensors): void {
    this.#present.release()
    this.#present = next
  }

  #empty(): KVTensors {
    return new KVTensors(this.#slots.map((slot) => this.#emptyTensor(slot)), 0)
  }

  async #cut({ tensors }: KVTensors, length: number): Promise<KVTensors> {
    if (length === 0) return this.#empty()
    if (tensors[0]!.location === 'gpu-buffer') return new KVTensors(await this.#cutOnGPU(tensors, length), length)
    return new KVTensors(tensors.map((tensor) => this.#sliceOnCPU(tensor as KVTensor, length)), length)
  }

  #emptyTensor({ type, heads, headDim }: KVSlot): Tensor {
    const { Tensor } = this.#binding
    const dims = [1, heads, 0, headDim]
    return type === 'float32'
      ? new Tensor('float32', new Float32Array(0), dims)
      : new Tensor('float16', new Uint16Array(0), dims)
  }

  #sliceOnCPU(tensor: KVTensor, length: number): Tensor {
    const [, heads, past, headDim] = tensor.dims as [number, number, number, number]
    const data = tensor.data
    const kept = data.slice(0, heads * length * headDim)
    for (let head = 1; head < heads; head++) {
      const start = head * past * headDim
      kept.set(data.subarray(start, start + length * headDim), head * length * headDim)
    }
    return new this.#binding.Tensor(tensor.type, kept, [1, heads, length, headDim])
  }

  async #cutOnGPU(tensors: readonly Tensor[], length: number): Promise<Tensor[]> {
    const device = await this.#binding.gpuDevice()
    if (device === undefined) throw new Error('A tensor is in GPU memory, but there is no GPU device.')
    const encoder = device.createCommandEncoder()
    const cut = tensors.map((tensor) => {
      const [, heads, past, headDim] = tensor.dims as [number, number, number, number]
      const row = headDim * (tensor.type === 'float16' ? 2 : 4)
      const source = tensor.gpuBuffer as unknown as GPUBufferLike
      const target = device.createBuffer({ size: alignTo16(heads * length * row), usage: KV_BUFFER_USAGE })
      for (let head = 0; head < heads; head++) {
        encoder.copyBufferToBuffer(source, head * past * row, target, head * length * row, length * row)
      }
      return this.#tensorOf(target, tensor, [1, heads, length, headDim])
    })
    device.queue.submit([encoder.finish()])
    return cut
  }

  #tensorOf(buffer: GPUBufferLike, like: Tensor, dims: number[]): Tensor {
    return this.#binding.Tensor.fromGpuBuffer(buffer as never, {
      dataType: like.type as 'float32' | 'float16',
      dims,
      dispose: () => buffer.destroy(),
    })
  }
}

function alignTo16(size: number): number {
  return Math.ceil(size / 16) * 16
}

