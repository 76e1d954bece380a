import { attendPage } from './attentionPage'
import { emptyState, finishState, mergeResult, resultBytes } from './attentionResult'
import { AttentionTile, firstOf, lastOf, openTile, resultOf, rowVector, stateOf, tileTokens } from './attentionTile'
import { PAGE_TOKENS, pageAt, pageHeadOffset, pageIndex } from './pages'
import { LayerPlan, ModelPlan } from './plan'

/** So many tiles for each thread make whole tiles the better share. */
const TILES_PER_THREAD = 4
/** Tokens up to which threads share the pages of a tile: what each page gives must be kept until all are done. */
const SHARED_TOKENS = 8

/** Bytes that threads need together for what pages give, with up to `context` tokens. */
export function sharedResultBytes(plan: ModelPlan, context: i32): usize {
  return <usize>(SHARED_TOKENS * plan.heads * (pageIndex(context - 1) + 1)) * resultBytes(plan.headDim)
}

/** Whether `attention` leaves what `mergeAttention` has to finish, after a barrier. */
export function sharesPages(plan: ModelPlan, count: i32, threads: i32): bool {
  return threads > 1 && count <= SHARED_TOKENS && tilesOf(plan, count) < threads * TILES_PER_THREAD
}

function tilesOf(plan: ModelPlan, count: i32): i32 {
  const most = tileTokens(plan)
  return ((count + most - 1) / most) * plan.keyValueHeads
}

/**
 * Causal grouped-query attention of one layer for `count` tokens of one sequence, from `position` on,
 * whose keys and values are stored already (`storeKeyValues`). Formula: https://arxiv.org/abs/1706.03762
 *
 * An output's bits depend on nothing but its query and the pages of its sequence.
 *
 * @param index of the layer in the pages
 * @param pages table of page addresses
 * @param queries as `prepareQueries` leaves them
 * @param output float32 `[count][heads][headDim]`
 * @param scratch this thread's own, `tileBytes`, at a multiple of 16
 * @param shared `sharedResultBytes` of all threads, at a multiple of 16; unused where `sharesPages` is false
 */
export function attention(plan: ModelPlan, layer: LayerPlan, index: i32, pages: usize, queries: usize, output: usize, position: i32, count: i32, scratch: usize, shared: usize, thread: i32, threads: i32): void {
  if (sharesPages(plan, count, threads)) {
    attendShare(plan, layer, index, pages, queries, position, count, scratch, shared, thread, threads)
    return
  }
  const most = tileTokens(plan)
  const tiles = tilesOf(plan, count)
  for (let item = thread; item < tiles; item += threads) {
    const token = (item / plan.keyValueHeads) * most
    const head = item % plan.keyValueHeads
    const tile = openTile(plan, layer, scratch, queries, position, token, min(most, count - token), head)
    attendTile(tile, pages, pageHeadOffset(index, plan.keyValueHeads, head, plan.headDim))
    for (let row = 0; row < tile.rows; row++) {
      finishState(stateOf(tile, row), output + (<usize>(rowVector(tile, row, plan.heads) * plan.headDim) << 2), plan.headDim)
    }
  }
}

/** All pages of a tile, merged into its states. */
function attendTile(tile: AttentionTile, pages: usize, part: usize): void {
  for (let row = 0; row < tile.rows; row++) emptyState(stateOf(tile, row), tile.headDim)
  const end = pageIndex(lastOf(tile, tile.rows - 1))
  for (let page = pageIndex(firstOf(tile, 0)); page <= end; page++) {
    attendPage(tile, pageAt(pages, page) + part, page * PAGE_TOKENS)
    for (let row = 0; row < tile.rows; row++) {
      if (seesPage(firstOf(tile, row), lastOf(tile, row), page)) mergeResult(resultOf(tile, row), stateOf(tile, row), tile.headDim)
    }
  }
}

/** This thread's part of all tiles' pages; what they give is kept in `shared`, `[token][heads][pages]`. */
function attendShare(plan: ModelPlan, layer: LayerPlan, index: i32, pages: usize, queries: usize, position: i32, count: i32, scratch: usize, shared: usize, thread: i32, threads: i32): void {
  const most = tileTokens(plan)
  const bytes = resultBytes(plan.headDim)
  const pageCount = pageIndex(position + count - 1) + 1
  const firstPage = pageIndex(layer.window > 0 ? max(0, position - layer.window + 1) : 0)
  const items = tilesOf(plan, count) * (pageCount - firstPage)
  const end = (items * (thread + 1)) / threads
  let open = -1
  let tile = changetype<AttentionTile>(scratch)
  for (let item = (items * thread) / threads; item < end; item++) {
    const number = item / (pageCount - firstPage)
    const page = firstPage + (item % (pageCount - firstPage))
    const head = number % plan.keyValueHeads
    if (number !== open) {
      const token = (number / plan.keyValueHeads) * most
      tile = openTile(plan, layer, scratch, queries, position, token, min(most, count - token), head)
      open = number
    }
    if (!seesPage(firstOf(tile, 0), lastOf(tile, tile.rows - 1), page)) continue
    attendPage(tile, pageAt(pages, page) + pageHeadOffset(index, plan.keyValueHeads, head, plan.headDim), page * PAGE_TOKENS)
    for (let row = 0; row < tile.rows; row++) {
      memory.copy(shared + <usize>(rowVector(tile, row, plan.heads) * pageCount + page) * bytes, resultOf(tile, row), bytes)
    }
  }
}

/** This thread's part of the outputs, where `attention` left what the pages give. A barrier lies between the two. */
export function mergeAttention(plan: ModelPlan, layer: LayerPlan, output: usize, position: i32, count: i32, scratch: usize, shared: usize, thread: i32, threads: i32): void {
  const bytes = resultBytes(plan.headDim)
  const pageCount = pageIndex(position + count - 1) + 1
  const vectors = count * plan.heads
  const end = (vectors * (thread + 1)) / threads
  for (let vector = (vectors * thread) / threads; vector < end; vector++) {
    const last = position + vector / plan.heads
    const first = layer.window > 0 ? max(0, last - layer.window + 1) : 0
    emptyState(scratch, plan.headDim)
    for (let page = pageIndex(first); page <= pageIndex(last); page++) {
      mergeResult(shared + <usize>(vector * pageCount + page) * bytes, scratch, plan.headDim)
    }
    finishState(scratch, output + (<usize>(vector * plan.headDim) << 2), plan.headDim)
  }
}

@inline
function seesPage(first: i32, last: i32, page: i32): bool {
  return pageIndex(first) <= page && page <= pageIndex(last)
}
