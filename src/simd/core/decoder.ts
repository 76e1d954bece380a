import { attention, mergeAttention, sharesPages } from './attention'
import { embed } from './embedding'
import { finishLogits } from './finishLogits'
import { multiplyGate } from './gates'
import { matmul, quantizedRowBytes, quantizeRows } from './kernels'
import { prepareQueries, storeKeyValues } from './keyValues'
import { Matrix } from './Matrix'
import { LayerPlan, ModelPlan, RotaryPlan } from './plan'
import { sameQuantization } from './quantizeRows'
import { addScaled } from './residual'
import { rmsNorm } from './rmsNorm'
import { prepareRotary, rotaryAngles } from './rotary'
import { Run } from './Run'
import { layerOf } from './scratch'

/**
 * The forward pass, in steps that every thread calls with its index. A step begins when all threads
 * have ended the one before; within a step they meet at a barrier where one needs what another made.
 *
 * Norms and quantization of many tokens are dealt out by token. Those of one token every thread
 * does for itself, into rows of its own: that is sooner done than waited for.
 */

/** Returns when all threads have called it. */
// @ts-ignore: decorator
@external('env', 'barrier')
declare function barrier(): void

/** Rows of a matrix are dealt out in runs whose results fill a cache line, so that no two threads write to one. */
const ROWS = 16

/** Fills what the core computes once for a plan. One thread calls it. */
export function prepare(plan: ModelPlan): void {
  for (let i = 0; i < plan.rotaryCount; i++) prepareRotary(rotaryOf(plan, i))
}

/** First step of a run: looks the tokens up. */
export function begin(run: Run, thread: i32, threads: i32): void {
  const plan = run.plan
  const stream = ownStream(run, thread)
  const end = endToken(run, run.count, thread, threads)
  for (let token = firstToken(run, run.count, thread, threads); token < end; token++) {
    const id = load<i32>(run.tokens + (<usize>token << 2))
    embed(plan.embedding, id, stream + <usize>token * vectorBytes(plan), plan.embeddingScale)
  }
  for (let i = 0; i < plan.rotaryCount; i++) {
    rotaryAngles(rotaryOf(plan, i), run.past, run.count, run.angles + <usize>i * run.angleBytes, thread, threads)
  }
}

/** One layer, in ascending order. */
export function layer(run: Run, index: i32, thread: i32, threads: i32): void {
  const plan = run.plan
  const own = layerOf(plan, index)
  if (index > 0) addBranch(run, layerOf(plan, index - 1).postMlpNorm, thread, threads)
  attend(run, own, index, thread, threads)
  addBranch(run, own.postAttentionNorm, thread, threads)
  feedForward(run, own, thread, threads)
}

/** Logits of `count` tokens from the run's token `first` on, after all layers. */
export function logits(run: Run, first: i32, count: i32, thread: i32, threads: i32): void {
  const plan = run.plan
  const head = plan.head
  const bytes = vectorBytes(plan)
  const stream = ownStream(run, thread) + <usize>first * bytes
  const normed = ownNormed(run, thread)
  const end = endToken(run, count, thread, threads)
  const postNorm = layerOf(plan, plan.layerCount - 1).postMlpNorm
  for (let token = firstToken(run, count, thread, threads); token < end; token++) {
    const at = <usize>token * bytes
    const branch = run.branch + <usize>first * bytes + at
    addOne(plan, stream + at, branch, postNorm, normed + at, normed + at)
    rmsNorm(normed + at, normed + at, plan.finalNorm, plan.hidden, plan.epsilon, plan.normOffset)
  }
  quantize(run, head, 0, normed, plan.hidden, count, thread, threads)
  share(run)
  multiply(run, head, 0, normed, count, run.logits, plan.vocab, thread, threads)
  if (plan.logitScale !== 1 || plan.logitCap > 0) {
    const firstOfRows = firstRow(plan.vocab, thread, threads)
    const rows = firstRow(plan.vocab, thread + 1, threads) - firstOfRows
    for (let token = 0; token < count; token++) {
      finishLogits(run.logits + ((<usize>token * plan.vocab + firstOfRows) << 2), rows, plan.logitScale, plan.logitCap)
    }
  }
}

/** Attention up to its branch. */
function attend(run: Run, layer: LayerPlan, index: i32, thread: i32, threads: i32): void {
  const plan = run.plan
  const count = run.count
  const normed = ownNormed(run, thread)
  normalize(run, layer.inputNorm, thread, threads)
  quantize(run, layer.query, 0, normed, plan.hidden, count, thread, threads)
  const keySlot = sameQuantization(layer.key, layer.query) ? 0 : 1
  if (keySlot) quantize(run, layer.key, 1, normed, plan.hidden, count, thread, threads)
  const valueSlot = sameQuantization(layer.value, layer.query) ? 0 : 2
  if (valueSlot) quantize(run, layer.value, 2, normed, plan.hidden, count, thread, threads)
  share(run)
  multiply(run, layer.query, 0, normed, count, run.queries, plan.heads * plan.headDim, thread, threads)
  const keyStride = plan.keyValueHeads * plan.headDim
  multiply(run, layer.key, keySlot, normed, count, run.keys, keyStride, thread, threads)
  multiply(run, layer.value, valueSlot, normed, count, run.values, keyStride, thread, threads)
  barrier()
  const angles = run.angles + <usize>layer.rotary.index * run.angleBytes
  prepareQueries(plan, layer, run.queries, angles, count, thread, threads)
  storeKeyValues(plan, layer, index, run.pages, run.keys, run.values, angles, run.past, count, thread, threads)
  barrier()
  const scratch = run.threadScratch + <usize>thread * run.threadBytes
  attention(plan, layer, index, run.pages, run.queries, run.attended, run.past, count, scratch, run.attentionResults, thread, threads)
  if (sharesPages(plan, count, threads)) {
    barrier()
    mergeAttention(plan, layer, run.attended, run.past, count, scratch, run.attentionResults, thread, threads)
  }
  barrier()
  quantize(run, layer.output, 0, run.attended, plan.heads * plan.headDim, count, thread, threads)
  share(run)
  multiply(run, layer.output, 0, run.attended, count, run.branch, plan.hidden, thread, threads)
  barrier()
}

/** Feed-forward up to its branch. */
function feedForward(run: Run, layer: LayerPlan, thread: i32, threads: i32): void {
  const plan = run.plan
  const count = run.count
  const normed = ownNormed(run, thread)
  normalize(run, layer.mlpNorm, thread, threads)
  quantize(run, layer.gate, 0, normed, plan.hidden, count, thread, threads)
  const upSlot = sameQuantization(layer.up, layer.gate) ? 0 : 1
  if (upSlot) quantize(run, layer.up, 1, normed, plan.hidden, count, thread, threads)
  share(run)
  multiply(run, layer.gate, 0, normed, count, run.gate, plan.intermediate, thread, threads)
  multiply(run, layer.up, upSlot, normed, count, run.up, plan.intermediate, thread, threads)
  const first = firstRow(plan.intermediate, thread, threads)
  const rows = firstRow(plan.intermediate, thread + 1, threads) - first
  for (let token = 0; token < count; token++) {
    const at = (<usize>token * plan.intermediate + first) << 2
    multiplyGate(run.gate + at, run.up + at, rows, plan.gateKind)
  }
  barrier()
  quantize(run, layer.down, 0, run.gate, plan.intermediate, count, thread, threads)
  share(run)
  multiply(run, layer.down, 0, run.gate, count, run.branch, plan.hidden, thread, threads)
}

/** Adds the branch to the residual stream, through `norm` where there is one. */
function addBranch(run: Run, norm: usize, thread: i32, threads: i32): void {
  const plan = run.plan
  const bytes = vectorBytes(plan)
  const stream = ownStream(run, thread)
  const normed = ownNormed(run, thread)
  const end = endToken(run, run.count, thread, threads)
  for (let token = firstToken(run, run.count, thread, threads); token < end; token++) {
    const at = <usize>token * bytes
    addOne(plan, stream + at, run.branch + at, norm, normed + at, stream + at)
  }
}

/** `out = stream + residualScale · norm(branch)`; `spare` is written over and may be `out`. */
function addOne(plan: ModelPlan, stream: usize, branch: usize, norm: usize, spare: usize, out: usize): void {
  let added = branch
  if (norm) {
    rmsNorm(spare, branch, norm, plan.hidden, plan.epsilon, plan.normOffset)
    added = spare
  }
  addScaled(out, stream, added, plan.residualScale, plan.hidden)
}

function normalize(run: Run, norm: usize, thread: i32, threads: i32): void {
  const plan = run.plan
  const bytes = vectorBytes(plan)
  const stream = ownStream(run, thread)
  const normed = ownNormed(run, thread)
  const end = endToken(run, run.count, thread, threads)
  for (let token = firstToken(run, run.count, thread, threads); token < end; token++) {
    const at = <usize>token * bytes
    rmsNorm(normed + at, stream + at, norm, plan.hidden, plan.epsilon, plan.normOffset)
  }
}

/** This thread's tokens of `x` for a product with `matrix`, into one of the three slots. */
function quantize(run: Run, matrix: Matrix, slot: i32, x: usize, stride: i32, count: i32, thread: i32, threads: i32): void {
  if (matrix.bits >= 16) return
  const first = firstToken(run, count, thread, threads)
  quantizeRows(matrix, x, stride, quantizedAt(run, matrix, slot, thread), first, endToken(run, count, thread, threads), count)
}

/** This thread's rows of a product with all `count` tokens. Floats are multiplied as they are, the others quantized. */
function multiply(run: Run, matrix: Matrix, slot: i32, floats: usize, count: i32, out: usize, stride: i32, thread: i32, threads: i32): void {
  const x = matrix.bits >= 16 ? floats : quantizedAt(run, matrix, slot, thread)
  const scratch = run.threadScratch + <usize>thread * run.threadBytes
  matmul(matrix, x, count, out, stride, firstRow(matrix.rows, thread, threads), firstRow(matrix.rows, thread + 1, threads), scratch)
}

/** Waits for the others' tokens, where they were dealt out. */
function share(run: Run): void {
  if (run.count > 1) barrier()
}

function firstRow(rows: i32, thread: i32, threads: i32): i32 {
  return min(rows, ((((rows + ROWS - 1) / ROWS) * thread) / threads) * ROWS)
}

function firstToken(run: Run, count: i32, thread: i32, threads: i32): i32 {
  return run.count === 1 ? 0 : (count * thread) / threads
}

function endToken(run: Run, count: i32, thread: i32, threads: i32): i32 {
  return run.count === 1 ? 1 : (count * (thread + 1)) / threads
}

/** The thread's row where there is one token, else row 0 of all. */
function ownStream(run: Run, thread: i32): usize {
  return run.stream + (run.count === 1 ? <usize>thread * vectorBytes(run.plan) : 0)
}

function ownNormed(run: Run, thread: i32): usize {
  return run.normed + (run.count === 1 ? <usize>thread * vectorBytes(run.plan) : 0)
}

function quantizedAt(run: Run, matrix: Matrix, slot: i32, thread: i32): usize {
  const at = run.quantized + <usize>slot * run.quantizedBytes
  return run.count === 1 ? at + <usize>thread * quantizedRowBytes(matrix) : at
}

function vectorBytes(plan: ModelPlan): usize {
  return <usize>plan.hidden << 2
}

function rotaryOf(plan: ModelPlan, index: i32): RotaryPlan {
  return changetype<RotaryPlan>(<usize>load<u32>(plan.rotaries + (<usize>index << 2)))
}
