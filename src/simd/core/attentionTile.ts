import { dotProducts, finishScores, QUAD_STEP } from './attentionScores'
import { exponentials, weightedValues } from './attentionValues'
import { keyScalesOffset, PAGE_TOKENS, pageHeadOffset, pageOf, valueScalesOffset, valuesOffset } from './pages'
import { LayerPlan, ModelPlan } from './plan'
import { loadRest, storeRest } from './rest'

/**
 * Attention of a tile: `tokens` tokens from `token` on (counted in the batch), `heads` query heads from `head` on,
 * all of one key-value head. Its rows, tokens × heads, read each key and value together, in quads of four lanes.
 * Rows see tokens of their own range only: what a row gets is what it would get alone, to the bit.
 * Scratch: queries, sums of values, a page of converted vectors, ranges, maxima and sums of each row, scores `[token][rows]`.
 */
export function attendTile(plan: ModelPlan, layer: LayerPlan, index: i32, pages: usize, queries: usize, output: usize, position: i32, token: i32, tokens: i32, head: i32, heads: i32, scratch: usize): void {
  const headDim = plan.headDim
  const padded = <usize>((headDim + 7) & ~7)
  const rowBytes = padded << 2
  const rows = tokens * heads
  const quads = (rows + 3) >> 2
  const paddedRows = <usize>quads << 2
  const rowsOfQuads = scratch
  const sums = rowsOfQuads + paddedRows * rowBytes
  const block = sums + paddedRows * rowBytes
  const firsts = block + <usize>PAGE_TOKENS * rowBytes
  const lasts = firsts + (paddedRows << 2)
  const maxima = lasts + (paddedRows << 2)
  const totals = maxima + (paddedRows << 2)
  const scores = totals + (paddedRows << 2)
  const scoreStep = paddedRows << 2

  memory.fill(rowsOfQuads, 0, 2 * paddedRows * rowBytes)
  for (let row = 0; row < <i32>paddedRows; row++) {
    // Rows that fill up a quad see what the last row sees.
    const own = min(row, rows - 1)
    const last = position + token + own / heads
    const at = <usize>row << 2
    store<i32>(lasts + at, last)
    store<i32>(firsts + at, layer.window > 0 ? max(0, last - layer.window + 1) : 0)
    store<f32>(maxima + at, -Infinity)
    store<f32>(totals + at, 0)
    if (row < rows) {
      const from = queries + (<usize>((token + row / heads) * plan.heads + head + (row % heads)) * <usize>headDim << 2)
      spread(from, placeOfRow(rowsOfQuads, row, rowBytes), headDim)
    }
  }

  const first = load<i32>(firsts)
  const last = position + token + tokens - 1
  const firstPage = first & ~(PAGE_TOKENS - 1)
  const part = pageHeadOffset(index, plan.keyValueHeads, head / (plan.heads / plan.keyValueHeads), headDim)
  const vectorBytes = <usize>headDim << 1

  for (let page = firstPage; page <= last; page += PAGE_TOKENS) {
    const keys = pageOf(pages, page) + part
    // Four slots at a time; what is too much is hidden from every row.
    const from = max(first - page, 0) & ~3
    const to = (min(last - page, PAGE_TOKENS - 1) + 4) & ~3
    const slots = scores + <usize>(page - firstPage) * scoreStep
    if (quads === 1) {
      if (rows === 1) dotProducts(1, false, rowsOfQuads, keys, vectorBytes, padded, from, to, slots, scoreStep)
      else if (rows === 2) dotProducts(2, false, rowsOfQuads, keys, vectorBytes, padded, from, to, slots, scoreStep)
      else if (rows === 3) dotProducts(3, false, rowsOfQuads, keys, vectorBytes, padded, from, to, slots, scoreStep)
      else dotProducts(4, false, rowsOfQuads, keys, vectorBytes, padded, from, to, slots, scoreStep)
    } else {
      convert(block, keys, vectorBytes, padded, from, to)
    }
    for (let quad = 0; quad < quads; quad++) {
      const lane = <usize>quad << 4
      if (quads > 1) dotProducts(4, true, rowsOfQuads + (<usize>quad << 2) * rowBytes, block, rowBytes, padded, from, to, slots + lane, scoreStep)
      const largest = finishScores(slots + lane, scoreStep, keys + keyScalesOffset(headDim), plan.attentionScale, plan.attentionCap, page, from, to, v128.load(firsts + lane), v128.load(lasts + lane), v128.load(maxima + lane))
      v128.store(maxima + lane, largest)
    }
  }

  for (let page = firstPage; page <= last; page += PAGE_TOKENS) {
    const keys = pageOf(pages, page) + part
    const values = keys + valuesOffset(headDim)
    const from = max(first - page, 0) & ~3
    const to = (min(last - page, PAGE_TOKENS - 1) + 4) & ~3
    const slots = scores + <usize>(page - firstPage) * scoreStep
    if (quads > 1) convert(block, values, vectorBytes, padded, from, to)
    for (let quad = 0; quad < quads; quad++) {
      const lane = <usize>quad << 4
      const total = exponentials(slots + lane, scoreStep, keys + valueScalesOffset(headDim), from, to, v128.load(maxima + lane), v128.load(totals + lane))
      v128.store(totals + lane, total)
      if (quads > 1) weightedValues(4, true, sums + (<usize>quad << 2) * rowBytes, block, rowBytes, padded, from, to, slots + lane, scoreStep)
    }
    if (quads === 1) {
      if (rows === 1) weightedValues(1, false, sums, values, vectorBytes, padded, from, to, slots, scoreStep)
      else if (rows === 2) weightedValues(2, false, sums, values, vectorBytes, padded, from, to, slots, scoreStep)
      else if (rows === 3) weightedValues(3, false, sums, values, vectorBytes, padded, from, to, slots, scoreStep)
      else weightedValues(4, false, sums, values, vectorBytes, padded, from, to, slots, scoreStep)
    }
  }

  for (let row = 0; row < rows; row++) {
    const to = output + (<usize>((token + row / heads) * plan.heads + head + (row % heads)) * <usize>headDim << 2)
    divide(placeOfRow(sums, row, rowBytes), to, load<f32>(totals + (<usize>row << 2)), headDim)
  }
}

/** Slots `from` … `to` − 1 from int16 to float32 rows of `padded` elements. */
function convert(block: usize, vectors: usize, vectorBytes: usize, padded: usize, from: i32, to: i32): void {
  for (let slot = from; slot < to; slot++) {
    const x = vectors + <usize>slot * vectorBytes
    const y = block + <usize>slot * (padded << 2)
    for (let i: usize = 0; i < padded; i += 8) {
      const pair = v128.load(x + (i << 1))
      v128.store(y + (i << 2), f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(pair)))
      v128.store(y + (i << 2), f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(pair)), 16)
    }
  }
}

/** Where a row's first four elements lie among those of its quad. */
@inline
function placeOfRow(quads: usize, row: i32, rowBytes: usize): usize {
  return quads + <usize>(row & ~3) * rowBytes + (<usize>(row & 3) << 4)
}

/** A query to its place among its quad's rows. */
function spread(from: usize, to: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) {
    const left = count - i
    v128.store(to, left >= 4 ? v128.load(from) : loadRest(from, left))
    from += 16
    to += QUAD_STEP
  }
}

/** A row's sums from among its quad's, divided by `total`. */
function divide(from: usize, to: usize, total: f32, count: i32): void {
  const totals = f32x4.splat(total)
  for (let i = 0; i < count; i += 4) {
    const x = f32x4.div(v128.load(from), totals)
    if (count - i >= 4) v128.store(to, x)
    else storeRest(to, x, count - i)
    from += QUAD_STEP
    to += 16
  }
}
