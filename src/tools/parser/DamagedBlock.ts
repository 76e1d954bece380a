/**
 * What follows damage that leaves no way to tell where the call ends: all up to the next marker.
 * Nothing inside is taken for a call, because it may stand in a broken string.
 */
export class DamagedBlock {
  readonly #opening: readonly string[]
  readonly #closing: readonly string[]
  readonly #longest: number
  #raw: string
  /** The end of `raw`, as long as a marker. */
  #tail: string

  /** @param before what has been read of the block. */
  constructor(before: string, markers: { opening: readonly string[]; closing: readonly string[] }) {
    this.#raw = before
    this.#opening = markers.opening
    this.#closing = markers.closing
    this.#longest = Math.max(...[...markers.opening, ...markers.closing].map(({ length }) => length))
    this.#tail = before.slice(-this.#longest)
  }

  /** The block so far, as the model wrote it. */
  get raw(): string {
    return this.#raw
  }

  /** Takes text. At the block's end: the block, and what stands behind it, mostly what begins the next one. */
  push(text: string): { raw: string; rest: string } | undefined {
    for (let i = 0; i < text.length; i++) {
      const end = this.#pushCharacter(text.charAt(i))
      if (end !== undefined) return { raw: end.raw, rest: end.rest + text.slice(i + 1) }
    }
    return undefined
  }

  #pushCharacter(character: string): { raw: string; rest: string } | undefined {
    this.#raw += character
    this.#tail = (this.#tail + character).slice(-this.#longest)
    if (this.#closing.some((marker) => this.#tail.endsWith(marker))) return { raw: this.#raw, rest: '' }
    const opening = this.#opening.find((marker) => this.#tail.endsWith(marker))
    return opening === undefined ? undefined : { raw: this.#raw.slice(0, -opening.length), rest: opening }
  }
}
