import type { ModelFiles } from '../../../models/index.js'
import { CoreMemory } from '../../../simd/index.js'

const STATIC_BYTES = 1 << 20
// For keys, values and scratch, above the weights. A shared memory reserves address space for all of it.
const WORKING_BYTES = 2 ** 30
// A graph that keeps its weights elsewhere is smaller; the memory is made for the file that has them.
const SMALL_BYTES = 1 << 24

/**
 * The memory that a model's weights arrive in. It does not grow while files arrive, since that would end
 * the views that others write to: it is made for the first large file, and what comes beside it is copied later.
 */
export class WeightMemory {
  readonly #wantsShared: boolean
  readonly #addresses = new Map<Uint8Array, { address: number; size: number }>()
  readonly #places = new Map<string, Uint8Array>()
  #memory: CoreMemory | undefined

  constructor(shared: boolean) {
    this.#wantsShared = shared
  }

  /** Made with the first large file; undefined before. */
  get memory(): CoreMemory | undefined {
    return this.#memory
  }

  /**
   * Room for a file, the same one when it is asked for again.
   * @throws RangeError when there is none.
   */
  place(path: string, size: number): Uint8Array {
    const known = this.#places.get(path)
    if (known?.length === size) return known
    const place = (size >= SMALL_BYTES ? this.#placeFirst(size) : undefined) ?? new Uint8Array(size)
    this.#places.set(path, place)
    return place
  }

  /**
   * Makes sure that all files lie in the memory, copying those that do not.
   * @returns the addresses of the graph and of its external data, in order.
   * @throws LLMError `out-of-memory`
   */
  take({ bytes, externalData }: ModelFiles['graph']): { memory: CoreMemory; addresses: number[] } {
    const files = [bytes, ...externalData.map((file) => file.bytes)]
    const memory = this.#reach(files.reduce((sum, { length }) => sum + length, 0))
    const addresses = files.map((file) => {
      const known = this.#addresses.get(file)
      if (known) return known.address
      const address = memory.allocate(file.length)
      memory.bytes().set(file, address)
      return address
    })
    return { memory, addresses }
  }

  /** The same files for others to read: growth of the memory ends the views that were given before. */
  renew(graph: ModelFiles['graph']): ModelFiles['graph'] {
    const renewed = (bytes: Uint8Array): Uint8Array => {
      const known = this.#addresses.get(bytes)
      return known ? this.#view(known.address, known.size) : bytes
    }
    return { ...graph, bytes: renewed(graph.bytes), externalData: graph.externalData.map((file) => ({ ...file, bytes: renewed(file.bytes) })) }
  }

  #placeFirst(size: number): Uint8Array | undefined {
    if (this.#memory) return undefined
    try {
      return this.#view(this.#reach(size).allocate(size), size)
    } catch {
      // Where there is room for the file alone, `take` says what is missing, and another backend may run it.
      return undefined
    }
  }

  #view(address: number, size: number): Uint8Array {
    const view = this.#reach(0).bytes().subarray(address, address + size)
    this.#addresses.set(view, { address, size })
    return view
  }

  #reach(size: number): CoreMemory {
    return (this.#memory ??= this.#make(size))
  }

  #make(size: number): CoreMemory {
    const bytes = { initialBytes: size + STATIC_BYTES, maximumBytes: 2 * size + WORKING_BYTES }
    try {
      return new CoreMemory({ ...bytes, shared: this.#wantsShared })
    } catch (error) {
      if (!this.#wantsShared) throw error
      // Address space for all that it may grow to is not everywhere to be had. One thread needs none.
      return new CoreMemory(bytes)
    }
  }
}
