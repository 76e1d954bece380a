import type { ModelFiles } from '../../../models/index.js'
import { CoreMemory } from '../../../simd/index.js'

const STATIC_BYTES = 1 << 20
// For keys, values and scratch, above the weights. A shared memory reserves address space for all of it.
const WORKING_BYTES = 2 ** 30

/** The memory that a model's weights arrive in, and where each file lies there. */
export class WeightMemory {
  readonly #shared: boolean
  readonly #places = new Map<string, { address: number; size: number }>()
  #memory: CoreMemory | undefined

  constructor(shared: boolean) {
    this.#shared = shared
  }

  /**
   * Room for a file, the same one when it is asked for again.
   * @throws LLMError `out-of-memory`
   */
  place(path: string, size: number): Uint8Array {
    let place = this.#places.get(path)
    if (place?.size !== size) {
      place = { address: this.#reach(size).allocate(size), size }
      this.#places.set(path, place)
    }
    return this.#reach(0).bytes().subarray(place.address, place.address + size)
  }

  /**
   * Makes sure that all files lie in the memory, copying those that came without their size.
   * @returns the addresses of the graph and of its external data, in order.
   */
  take({ path, bytes, externalData }: ModelFiles['graph']): { memory: CoreMemory; addresses: number[] } {
    const files = [{ path, bytes }, ...externalData]
    const total = files.reduce((sum, file) => sum + file.bytes.length, 0)
    const memory = this.#reach(total)
    const addresses = files.map((file) => {
      if (file.bytes.buffer === memory.memory.buffer) return file.bytes.byteOffset
      const address = memory.allocate(file.bytes.length)
      memory.bytes().set(file.bytes, address)
      return address
    })
    return { memory, addresses }
  }

  #reach(size: number): CoreMemory {
    return (this.#memory ??= new CoreMemory({
      shared: this.#shared,
      initialBytes: size + STATIC_BYTES,
      maximumBytes: 2 * size + WORKING_BYTES,
    }))
  }
}
