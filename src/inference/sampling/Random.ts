/**
 * A small seeded generator of uniform numbers: xoshiro128** (Blackman & Vigna, 2018), seeded
 * through SplitMix32. The same seed gives the same numbers on every engine.
 */
export class Random {
  #a = 0
  #b = 0
  #c = 0
  #d = 0

  constructor(seed: number) {
    this.seed(seed)
  }

  /** Starts the sequence that belongs to `seed` (any number; its low 32 bits count). */
  seed(seed: number): void {
    let state = seed | 0
    const next = () => {
      state = (state + 0x9e3779b9) | 0
      let mixed = state ^ (state >>> 16)
      mixed = Math.imul(mixed, 0x21f0aaad)
      mixed ^= mixed >>> 15
      mixed = Math.imul(mixed, 0x735a2d97)
      return (mixed ^ (mixed >>> 15)) >>> 0
    }
    this.#a = next()
    this.#b = next()
    this.#c = next()
    this.#d = next()
  }

  /** A number in [0, 1) with 32 random bits. */
  next(): number {
    const scrambled = Math.imul(this.#b, 5)
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0
    const shifted = this.#b << 9
    this.#c ^= this.#a
    this.#d ^= this.#b
    this.#b ^= this.#c
    this.#a ^= this.#d
    this.#c ^= shifted
    this.#d = (this.#d << 11) | (this.#d >>> 21)
    return result / 4294967296
  }
}

/** A seed nobody can foresee, for requests that name none. */
export function randomSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]!
}
