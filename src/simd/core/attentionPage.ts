import { RESULT_SUMS, writeScale } from './attentionResult'
import { exponentials } from './attentionSoftmax'
import { AttentionTile, firstOf, lastOf, resultOf } from './attentionTile'
import { seenScales, writeWeights } from './attentionWeights'
import { multiplyColumns } from './multiplyColumns'
import { keyOffset, keyScalesOffset, PAGE_TOKENS, VALUE_GROUP_STEP, valueOffset, valueScalesOffset } from './pages'

/** Bytes of one page's weights of four rows. */
const WEIGHT_QUAD = PAGE_TOKENS * 8

/**
 * What one page gives each row of a tile, into its results: scores, their exponentials, and the weighted sums of values.
 * A row that sees none of the page's tokens gets nothing of use.
 *
 * @param part address of the head's part of the page
 * @param start position of the page's first token
 */
export function attendPage(tile: AttentionTile, part: usize, start: i32): void {
  const rows = tile.rows
  const from = max(firstOf(tile, 0) - start, 0) & ~7
  const to = (min(lastOf(tile, rows - 1) - start, PAGE_TOKENS - 1) + 8) & ~7
  const quadBytes = <usize>tile.padded * 8
  const keys = part + keyOffset(tile.headDim, from)
  for (let row = 0; row < rows; row += 4) {
    const scores = tile.scores + <usize>(row * PAGE_TOKENS + from) * 4
    multiplyColumns(rows - row, tile.queries + <usize>(row >> 2) * quadBytes, keys, quadBytes << 1, tile.padded >> 1, (to - from) >> 3, scores, PAGE_TOKENS * 4)
  }
  weigh(tile, part, start, from, to)
  const values = part + valueOffset(tile.headDim, from)
  const resultStep = resultOf(tile, 1) - resultOf(tile, 0)
  for (let row = 0; row < rows; row += 4) {
    const sums = resultOf(tile, row) + RESULT_SUMS
    multiplyColumns(rows - row, weightsOf(tile, row) + (<usize>from << 3), values, VALUE_GROUP_STEP, (to - from) >> 1, tile.padded >> 3, sums, resultStep)
  }
}

/** Dot products of the slots `from` … `to` − 1 into weights of their values. */
function weigh(tile: AttentionTile, part: usize, start: i32, from: i32, to: i32): void {
  const headDim = tile.headDim
  const keyScales = part + keyScalesOffset(headDim)
  let knownFirst = -1
  let knownLast = -1
  for (let row = 0; row < tile.rows; row++) {
    const first = max(firstOf(tile, row) - start, from)
    const last = min(lastOf(tile, row) - start, to - 1)
    if (first > last) continue
    const result = resultOf(tile, row)
    const scores = tile.scores + <usize>(row * PAGE_TOKENS) * 4
    const scale = load<f32>(tile.scales + (<usize>row << 2))
    let valueScales = part + valueScalesOffset(headDim)
    if (first === from && last === to - 1) {
      exponentials(false, scores, keyScales, scale, tile.cap, from, to, first, last, result)
    } else {
      exponentials(true, scores, keyScales, scale, tile.cap, from, to, first, last, result)
      // Rows that see the same tokens share them.
      if (first !== knownFirst || last !== knownLast) seenScales(valueScales, from, to, first, last, tile.valueScales)
      valueScales = tile.valueScales
      knownFirst = first
      knownLast = last
    }
    writeScale(result, writeWeights(scores, valueScales, from, to, weightsOf(tile, row) + (<usize>(row & 3) << 2)))
  }
}

/** Weights of a row's four. */
@inline
function weightsOf(tile: AttentionTile, row: i32): usize {
  return tile.weights + <usize>(row >> 2) * WEIGHT_QUAD
}
