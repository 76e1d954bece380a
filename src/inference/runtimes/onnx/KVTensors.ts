import type { Tensor } from 'onnxruntime-web'

/** Keys and values of all layers, as one run gave them. Freed when nobody holds them any more. */
export class KVTensors {
  readonly tensors: readonly Tensor[]
  /** Tokens. */
  readonly length: number
  #holders = 1

  /** Its maker is its first holder. */
  constructor(tensors: readonly Tensor[], length: number) {
    this.tensors = tensors
    this.length = length
  }

  /** Bytes of all tensors. */
  get bytes(): number {
    return this.tensors.reduce((sum, { size, type }) => sum + size * (type === 'float16' ? 2 : 4), 0)
  }

  /** One more holds them. */
  hold(): this {
    this.#holders++
    return this
  }

  /** One less holds them. */
  release(): void {
    if (--this.#holders === 0) for (const tensor of this.tensors) tensor.dispose()
  }
}
