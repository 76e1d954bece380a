/** Tokens of a page of keys and values. A power of two. */
export const PAGE_TOKENS = 32
const PAGE_SHIFT = 5

/** Bytes of one layer's key-value head in a page: keys, values, key scales, value scales. */
@inline
export function pageHeadBytes(headDim: i32): usize {
  return <usize>headDim * PAGE_TOKENS * 2 * 2 + PAGE_TOKENS * 4 * 2
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

/** Address of the page that holds a token. `pages` is the sequence's table of addresses. */
@inline
export function pageOf(pages: usize, token: i32): usize {
  return <usize>load<u32>(pages + (<usize>(token >> PAGE_SHIFT) << 2))
}

/** Offsets in a head's part. */
@inline
export function valuesOffset(headDim: i32): usize {
  return <usize>headDim * PAGE_TOKENS * 2
}

@inline
export function keyScalesOffset(headDim: i32): usize {
  return <usize>headDim * PAGE_TOKENS * 4
}

@inline
export function valueScalesOffset(headDim: i32): usize {
  return keyScalesOffset(headDim) + PAGE_TOKENS * 4
}
