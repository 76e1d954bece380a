import type { Tensor, TypedTensor } from 'onnxruntime-web'
import type { KVSlot } from './DecoderGraph.js'
import type { GPUBufferLike, OrtBinding } from './OrtBinding.js'

// GPUBufferUsage.STORAGE | COPY_SRC | COPY_DST, spelled out because the global exists only with WebGPU.
const KV_BUFFER_USAGE = 0x80 | 0x04 | 0x08

type KVTensor = TypedTensor<'float32'> | TypedTensor<'float16'>

/** Keys and values of all layers, where the device left them. Empty at first. */
export class KVCache {
  readonly #binding: OrtBinding
  readonly #slots: readonly KVSlot[]
  #tensors: Tensor[]
  #length = 0

  constructor(binding: OrtBinding, slots: readonly KVSlot[]) {
    this.#binding = binding
    this.#slots = slots
    this.#tensors = slots.map((slot) => this.#emptyTensor(slot))
  }

  /** Tokens in the cache. */
  get length(): number {
    return this.#length
  }

  /** Puts the cache into a run's inputs. */
  addTo(feeds: Record<string, Tensor>): void {
    this.#slots.forEach((slot, i) => (feeds[slot.input] = this.#tensors[i]!))
  }

  /** Takes over the cache that a run gave, `length` tokens long, and frees the old one. */
  replace(outputs: Readonly<Record<string, Tensor>>, length: number): void {
    this.#swap(this.#slots.map((slot) => outputs[slot.output]!))
    this.#length = length
  }

  /** Cuts to the first `length` tokens. */
  async truncate(length: number): Promise<void> {
    if (length >= this.#length) return
    if (length === 0) this.#swap(this.#slots.map((slot) => this.#emptyTensor(slot)))
    else if (this.#tensors[0]!.location === 'gpu-buffer') await this.#truncateOnGPU(length)
    else this.#swap(this.#tensors.map((tensor) => this.#sliceOnCPU(tensor as KVTensor, length)))
    this.#length = length
  }

  /** Frees all tensors. */
  dispose(): void {
    for (const tensor of this.#tensors) tensor.dispose()
    this.#tensors = []
  }

  #swap(tensors: Tensor[]): void {
    for (const tensor of this.#tensors) tensor.dispose()
    this.#tensors = tensors
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

  async #truncateOnGPU(length: number): Promise<void> {
    const device = await this.#binding.gpuDevice()
    if (device === undefined) throw new Error('A tensor is in GPU memory, but there is no GPU device.')
    const encoder = device.createCommandEncoder()
    const cut = this.#tensors.map((tensor) => {
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
    this.#swap(cut)
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

