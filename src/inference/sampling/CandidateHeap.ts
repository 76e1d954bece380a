/**
 * A max-heap of token ids ordered by weight, ties by lower id. Its storage is allocated once.
 */
export class CandidateHeap {
  readonly #ids: Int32Array
  readonly #weights: Float32Array
  #size = 0

  /** `weights[id]` is the weight of token `id`; read when the heap is built and popped. */
  constructor(weights: Float32Array) {
    this.#weights = weights
    this.#ids = new Int32Array(weights.length)
  }

  get size(): number {
    return this.#size
  }

  /** Fills the heap with all tokens whose weight is at least `threshold`. */
  fill(threshold: number): void {
    let size = 0
    for (let id = 0; id < this.#weights.length; id++) {
      if (this.#weights[id]! >= threshold) this.#ids[size++] = id
    }
    this.#size = size
    for (let i = (size >> 1) - 1; i >= 0; i--) this.#sink(i)
  }

  /** Removes and returns the heaviest token. The heap must not be empty. */
  pop(): number {
    const top = this.#ids[0]!
    this.#size--
    this.#ids[0] = this.#ids[this.#size]!
    this.#sink(0)
    return top
  }

  #sink(start: number): void {
    let parent = start
    for (;;) {
      let largest = parent
      const left = 2 * parent + 1
      if (left < this.#size && this.#before(left, largest)) largest = left
      if (left + 1 < this.#size && this.#before(left + 1, largest)) largest = left + 1
      if (largest === parent) return
      const swapped = this.#ids[parent]!
      this.#ids[parent] = this.#ids[largest]!
      this.#ids[largest] = swapped
      parent = largest
    }
  }

  #before(i: number, j: number): boolean {
    const a = this.#ids[i]!
    const b = this.#ids[j]!
    const difference = this.#weights[a]! - this.#weights[b]!
    return difference > 0 || (difference === 0 && a < b)
  }
}
