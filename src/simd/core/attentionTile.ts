import { turnedTogether } from './hadamard'
import { queryScaleOffset } from './keyValues'
import { QUAD_PAIR_STEP } from './multiplyColumns'
import { PAGE_TOKENS, paddedDim } from './pages'
import { LayerPlan, ModelPlan } from './plan'
import { resultBytes } from './attentionResult'

/** Query rows (tokens × heads) of a tile, where a group has no more heads. */
const TILE_ROWS = 16

/** The query rows of some tokens and all heads of one group, which read their keys and values together. Lies in a thread's scratch. */
@unmanaged
export class AttentionTile {
  /** Row r is token `token + r / group` of the batch, head `head + r % group`. */
  rows: i32
  group: i32
  token: i32
  head: i32
  /** Position of the batch's first token. */
  position: i32
  window: i32
  headDim: i32
  /** `paddedDim`. */
  padded: i32
  cap: f32
  /** Of each row's scores before that of the key: its own scale · that of attention. Float32. */
  scales: usize
  /** Int16 `[rows / 4][padded / 2][4][2]`. */
  queries: usize
  /** Float32 `[rows][PAGE_TOKENS]`, of one page. */
  scores: usize
  /** Float32 `[PAGE_TOKENS]`: one page's scales of values that a row sees. */
  valueScales: usize
  /** Int16 `[rows / 4][PAGE_TOKENS / 2][4][2]`, of one page. */
  weights: usize
  /** What one page gives each row, `resultBytes` each. */
  results: usize
  /** What the pages so far give each row, `resultBytes` each. */
  states: usize
}

/** Tokens that share a key. */
export function tileTokens(plan: ModelPlan): i32 {
  return max(1, TILE_ROWS / (plan.heads / plan.keyValueHeads))
}

/** Bytes of scratch that each thread needs. */
export function tileBytes(plan: ModelPlan): usize {
  return place(changetype<AttentionTile>(0), plan, 0)
}

function place(tile: AttentionTile, plan: ModelPlan, scratch: usize): usize {
  const most = tileTokens(plan) * (plan.heads / plan.keyValueHeads)
  const padded = <usize>paddedDim(plan.headDim)
  const rows = <usize>most
  const quads = (rows + 3) >> 2
  const queries = scratch + ((offsetof<AttentionTile>() + 63) & ~63)
  const scores = queries + quads * padded * 8
  const valueScales = scores + rows * PAGE_TOKENS * 4
  const weights = valueScales + PAGE_TOKENS * 4
  const results = weights + quads * PAGE_TOKENS * 8
  const states = results + rows * resultBytes(plan.headDim)
  const scales = states + rows * resultBytes(plan.headDim)
  if (scratch) {
    tile.queries = queries
    tile.scores = scores
    tile.valueScales = valueScales
    tile.weights = weights
    tile.results = results
    tile.states = states
    tile.scales = scales
  }
  return ((scales + (rows << 2) + 63) & ~63) - scratch
}

/** A tile in `scratch` for `tokens` tokens from the batch's `token` on and the key-value head `group`. Queries as `prepareQueries` leaves them. */
export function openTile(plan: ModelPlan, layer: LayerPlan, scratch: usize, queries: usize, position: i32, token: i32, tokens: i32, keyValueHead: i32): AttentionTile {
  const tile = changetype<AttentionTile>(scratch)
  place(tile, plan, scratch)
  const group = plan.heads / plan.keyValueHeads
  tile.rows = tokens * group
  tile.group = group
  tile.token = token
  tile.head = keyValueHead * group
  tile.position = position
  tile.window = layer.window
  tile.headDim = plan.headDim
  tile.padded = paddedDim(plan.headDim)
  tile.cap = plan.attentionCap
  const quadBytes = <usize>tile.padded * 8
  const scale = plan.attentionScale / <f32>turnedTogether(plan.headDim)
  for (let row = 0; row < tile.rows; row++) {
    const from = queries + (<usize>(rowVector(tile, row, plan.heads) * plan.headDim) << 2)
    store<f32>(tile.scales + (<usize>row << 2), load<f32>(from + queryScaleOffset(plan.headDim)) * scale)
    let to = tile.queries + <usize>(row >> 2) * quadBytes + (<usize>(row & 3) << 2)
    for (let i = 0; i < tile.padded; i += 2) {
      store<u32>(to, i < plan.headDim ? load<u32>(from + (<usize>i << 1)) : 0)
      to += QUAD_PAIR_STEP
    }
  }
  return tile
}

/** Number of a row's vector among the batch's, `[token][heads]`. */
@inline
export function rowVector(tile: AttentionTile, row: i32, heads: i32): i32 {
  return (tile.token + row / tile.group) * heads + tile.head + (row % tile.group)
}

/** Position of the last token that a row sees: its own. */
@inline
export function lastOf(tile: AttentionTile, row: i32): i32 {
  return tile.position + tile.token + row / tile.group
}

/** Position of the first token that a row sees. */
@inline
export function firstOf(tile: AttentionTile, row: i32): i32 {
  return tile.window > 0 ? max(0, lastOf(tile, row) - tile.window + 1) : 0
}

@inline
export function resultOf(tile: AttentionTile, row: i32): usize {
  return tile.results + <usize>row * resultBytes(tile.headDim)
}

@inline
export function stateOf(tile: AttentionTile, row: i32): usize {
  return tile.states + <usize>row * resultBytes(tile.headDim)
}
