import { attendTile } from './attentionTile'
import { LayerPlan, ModelPlan } from './plan'
import { PAGE_TOKENS } from './pages'

/** Query rows (tokens × heads of a group) that read a key or value together. */
const TILE_ROWS = 16
/** So many items for each thread make whole groups the better share. */
const ITEMS_PER_THREAD = 4

/** Tokens that share a key: as many as fill rows of four best. */
function tileTokens(group: i32): i32 {
  let best = 1
  for (let tokens = 2; tokens * group <= TILE_ROWS; tokens++) {
    const rows = tokens * group
    const bestRows = best * group
    // rows / rounded rows, compared without division.
    if (rows * ((bestRows + 3) & ~3) >= bestRows * ((rows + 3) & ~3)) best = tokens
  }
  return best
}

/** Bytes of scratch that each thread needs for sequences of up to `context` tokens. A multiple of 16. */
export function attentionScratchBytes(plan: ModelPlan, context: i32): usize {
  const group = plan.heads / plan.keyValueHeads
  const rows = <usize>((tileTokens(group) * group + 3) & ~3)
  const padded = <usize>((plan.headDim + 7) & ~7)
  const tokens = <usize>((context + PAGE_TOKENS - 1) & ~(PAGE_TOKENS - 1))
  return (rows * padded * 2 + <usize>PAGE_TOKENS * padded + rows * 4 + rows * tokens) << 2
}

/**
 * Causal grouped-query attention of one layer for `count` tokens of one sequence, from `position` on,
 * whose keys and values are stored already (`storeKeyValues`). Formula: https://arxiv.org/abs/1706.03762
 *
 * Each output is computed whole by one thread, and its bits depend on nothing but its query and the pages of its sequence.
 *
 * @param index of the layer in the pages
 * @param pages table of page addresses
 * @param queries float32 `[count][heads][headDim]`, as `prepareQueries` leaves them
 * @param output the same shape
 * @param scratch this thread's own, `attentionScratchBytes`, at a multiple of 16
 */
export function attention(plan: ModelPlan, layer: LayerPlan, index: i32, pages: usize, queries: usize, output: usize, position: i32, count: i32, scratch: usize, thread: i32, threads: i32): void {
  const group = plan.heads / plan.keyValueHeads
  const most = tileTokens(group)
  const tiles = (count + most - 1) / most
  const items = tiles * plan.keyValueHeads
  if (items >= threads * ITEMS_PER_THREAD) {
    for (let item = thread; item < items; item += threads) {
      const token = (item / plan.keyValueHeads) * most
      const head = (item % plan.keyValueHeads) * group
      attendTile(plan, layer, index, pages, queries, output, position, token, min(most, count - token), head, group, scratch)
    }
    return
  }
  // Few tokens: each thread takes its part of the heads, and groups are cut where they must be.
  for (let tile = 0; tile < tiles; tile++) {
    const token = tile * most
    const share = (thread + tile) % threads
    let head = (plan.heads * share) / threads
    const end = (plan.heads * (share + 1)) / threads
    while (head < end) {
      const part = min(end, (head / group + 1) * group) - head
      attendTile(plan, layer, index, pages, queries, output, position, token, min(most, count - token), head, part, scratch)
      head += part
    }
  }
}
