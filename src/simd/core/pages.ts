/** Tokens of a page of keys and values. A power of two. */
export const PAGE_TOKENS = 64
const PAGE_SHIFT = 6

/** Dimensions of a head as they are kept: whole groups of eight. */
@inline
export function paddedDim(headDim: i32): i32 {
  return (headDim + 7) & ~7
}

/** Bytes of one layer's key-value head in a page: keys, values, key scales, value scales. */
@inline
export function pageHeadBytes(headDim: i32): usize {
  return <usize>paddedDim(headDim) * PAGE_TOKENS * 2 * 2 + PAGE_TOKENS * 4 * 2
}

/** Bytes of a page. */
export function pageBytes(layers: i32, keyValueHeads: i32, headDim: i32): usize {
  return <usize>layers * <usize>keyValueHeads * pageHeadBytes(headDim)
}

/** Where a head's part begins, from the page's address on. */
@inline
export function pageHeadOffset(layer: i32, keyValueHeads: i32, head: i32, headDim: i32): usize {
  return <usize>(layer * keyValueHeads + head) * pageHeadBytes(headDim)
}

/** Number of a token's page. */
@inline
export function pageIndex(token: i32): i32 {
  return token >> PAGE_SHIFT
}

/** Address of a sequence's page. `pages` is its table of addresses. */
@inline
export function pageAt(pages: usize, index: i32): usize {
  return <usize>load<u32>(pages + (<usize>index << 2))
}

/** Bytes from a slot's key in dimensions 2i and 2i + 1 to the next such pair: int16 `[slot / 8][dimension / 2][slot % 8][2]`. */
export const KEY_PAIR_STEP = 32

/** Where a slot's key begins in a head's part. */
@inline
export function keyOffset(headDim: i32, slot: i32): usize {
  return <usize>((slot >> 3) * paddedDim(headDim) * 16 + (slot & 7) * 4)
}

/** Bytes from eight dimensions of a page's values to the next eight: int16 `[dimension / 8][slot / 2][dimension % 8][2]`. */
export const VALUE_GROUP_STEP = PAGE_TOKENS * 16

/** Where a slot's value begins in a head's part. */
@inline
export function valueOffset(headDim: i32, slot: i32): usize {
  return <usize>(paddedDim(headDim) * PAGE_TOKENS * 2 + (slot >> 1) * 32 + (slot & 1) * 2)
}

@inline
export function keyScalesOffset(headDim: i32): usize {
  return <usize>paddedDim(headDim) * PAGE_TOKENS * 4
}

@inline
export function valueScalesOffset(headDim: i32): usize {
  return keyScalesOffset(headDim) + PAGE_TOKENS * 4
}
