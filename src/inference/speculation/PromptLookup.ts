/** Matches are not told apart beyond this many tokens. */
export const LONGEST_MATCH = 24

const BUCKETS = 4096
const FIRST_CAPACITY = 1024

/**
 * The tokens of a sequence, and where the last ones of them stood before: what followed there is a guess at what
 * comes next (prompt lookup). Appending and cutting cost the same for each token, and allocate nothing but room.
 */
export class PromptLookup {
  readonly #kindOf: (id: number) => number
  readonly #latest = new Int32Array(BUCKETS).fill(-1)
  #tokens = new Int32Array(FIRST_CAPACITY)
  #kinds = new Int32Array(FIRST_CAPACITY)
  /** The position before with the same kind of token, or one that shares its bucket; -1 where there is none. */
  #previous = new Int32Array(FIRST_CAPACITY)
  #length = 0
  #matched = 0

  /** @param kindOf tokens of one kind count as the same when stretches are compared: a number from 0 on. Default: the id. */
  constructor(kindOf: (id: number) => number = (id) => id) {
    this.#kindOf = kindOf
  }

  get length(): number {
    return this.#length
  }

  /** How many tokens the last {@link find} found alike, at most {@link LONGEST_MATCH}; 0 for none. */
  get matched(): number {
    return this.#matched
  }

  /** The token at a position; undefined outside of the sequence. */
  at(position: number): number | undefined {
    return position >= 0 && position < this.#length ? this.#tokens[position] : undefined
  }

  append(id: number): void {
    if (this.#length === this.#tokens.length) this.#grow()
    const kind = this.#kindOf(id)
    const bucket = kind % BUCKETS
    this.#tokens[this.#length] = id
    this.#kinds[this.#length] = kind
    this.#previous[this.#length] = this.#latest[bucket]!
    this.#latest[bucket] = this.#length++
  }

  /** Cuts to the first `length` tokens. */
  truncate(length: number): void {
    while (this.#length > length) {
      this.#length--
      this.#latest[this.#kinds[this.#length]! % BUCKETS] = this.#previous[this.#length]!
    }
  }

  /** Becomes `tokens`; what it has in common with them at the start stays. */
  become(tokens: readonly number[]): void {
    let common = 0
    while (common < this.#length && common < tokens.length && this.#tokens[common] === tokens[common]) common++
    this.truncate(common)
    for (let i = common; i < tokens.length; i++) this.append(tokens[i]!)
  }

  /** The position behind the longest stretch that is like the last tokens, the latest of several; -1 for none. */
  find(): number {
    this.#matched = 0
    let found = -1
    const end = this.#length - 1
    if (end < 0) return found
    for (let i = this.#previous[end]!; i >= 0; i = this.#previous[i]!) {
      const same = this.#same(i, end)
      if (same <= this.#matched) continue
      this.#matched = same
      found = i + 1
      if (same === LONGEST_MATCH) break
    }
    return found
  }

  /** How many tokens up to `a` are like those up to `b`. */
  #same(a: number, b: number): number {
    let same = 0
    while (same < LONGEST_MATCH && same <= a && this.#kinds[a - same] === this.#kinds[b - same]) same++
    return same
  }

  #grow(): void {
    const room = 2 * this.#tokens.length
    this.#tokens = grown(this.#tokens, room)
    this.#kinds = grown(this.#kinds, room)
    this.#previous = grown(this.#previous, room)
  }
}

function grown(values: Int32Array, room: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(room)
  larger.set(values)
  return larger
}
