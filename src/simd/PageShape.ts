/** Tokens of a page. The core's `PAGE_TOKENS`. */
export const PAGE_TOKENS = 64

// As in `core/pages.ts`.
const GROUP = 8

/** How keys and values lie in a page: `core/pages.ts`, told to the host. */
export class PageShape {
  readonly layers: number
  readonly keyValueHeads: number
  readonly headDim: number
  /** Of the keys of a head in a page, and as many of the values. */
  readonly #vectorBytes: number

  constructor({ layers, keyValueHeads, headDim }: { layers: number; keyValueHeads: number; headDim: number }) {
    this.layers = layers
    this.keyValueHeads = keyValueHeads
    this.headDim = headDim
    const padded = Math.ceil(headDim / GROUP) * GROUP
    this.#vectorBytes = 2 * padded * PAGE_TOKENS
  }

  /** Bytes of a page. */
  get bytes(): number {
    return this.layers * this.keyValueHeads * this.#headBytes
  }

  get #headBytes(): number {
    return 2 * this.#vectorBytes + 2 * 4 * PAGE_TOKENS
  }

  /** Makes the slots from `slot` on zeros: what other texts left there must not leave with this one. */
  clear(page: Uint8Array, slot: number): void {
    for (let start = 0; start < this.bytes; start += this.#headBytes) this.#clearHead(page.subarray(start, start + this.#headBytes), slot)
  }

  #clearHead(part: Uint8Array, slot: number): void {
    // Keys: int16 [slot / 8][dimension / 2][slot % 8][2].
    const groupBytes = this.#vectorBytes / (PAGE_TOKENS / GROUP)
    const pairBytes = 4 * GROUP
    for (let group = 0; group < PAGE_TOKENS / GROUP; group++) {
      const used = Math.min(GROUP, Math.max(0, slot - group * GROUP))
      const start = group * groupBytes
      for (let pair = start; pair < start + groupBytes; pair += pairBytes) part.fill(0, pair + 4 * used, pair + pairBytes)
    }
    // Values: int16 [dimension / 8][slot / 2][dimension % 8][2].
    const valueBytes = 2 * GROUP * PAGE_TOKENS
    for (let values = this.#vectorBytes; values < 2 * this.#vectorBytes; values += valueBytes) {
      part.fill(0, values + Math.ceil(slot / 2) * pairBytes, values + valueBytes)
      const half = values + Math.floor(slot / 2) * pairBytes
      if (slot % 2) for (let i = 0; i < GROUP; i++) part.fill(0, half + 4 * i + 2, half + 4 * i + 4)
    }
    // Scales of keys, then of values: float32 [slot].
    for (let scales = 2 * this.#vectorBytes; scales < part.length; scales += 4 * PAGE_TOKENS) part.fill(0, scales + 4 * slot, scales + 4 * PAGE_TOKENS)
  }
}
