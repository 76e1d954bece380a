import { tileBytes } from './attentionTile'
import { matmulScratchBytes, quantizedRowBytes, quantizedRows } from './kernels'
import { Matrix } from './Matrix'
import { LayerPlan, ModelPlan } from './plan'
import { Run } from './Run'

/** Bytes of scratch for runs of up to `maxTokens` tokens on up to `maxThreads` threads, a multiple of 16. */
export function scratchBytes(plan: ModelPlan, maxTokens: i32, maxThreads: i32): usize {
  return place(plan, 0, maxTokens, maxThreads, 0)
}

/** Deals out `scratchBytes` of memory at `scratch`, a multiple of 16, to a run whose plan is set. */
export function placeScratch(run: Run, scratch: usize, maxTokens: i32, maxThreads: i32): void {
  place(run.plan, scratch, maxTokens, maxThreads, changetype<usize>(run))
}

function place(plan: ModelPlan, scratch: usize, maxTokens: i32, maxThreads: i32, target: usize): usize {
  const rows = <usize>max(maxTokens, maxThreads)
  const tokens = <usize>maxTokens
  const widths = plan.hidden
  const stream = scratch
  const normed = stream + floats(rows * widths)
  const quantized = normed + floats(rows * widths)
  const quantizedBytes = <usize>max(quantizedRows(maxTokens), maxThreads) * largest(plan, true)
  const queries = quantized + 3 * quantizedBytes
  const headFloats = <usize>plan.heads * plan.headDim
  const keyFloats = <usize>plan.keyValueHeads * plan.headDim
  const keys = queries + floats(tokens * headFloats)
  const values = keys + floats(tokens * keyFloats)
  const attended = values + floats(tokens * keyFloats)
  const branch = attended + floats(tokens * headFloats)
  const gate = branch + floats(tokens * widths)
  const up = gate + floats(tokens * plan.intermediate)
  const angles = up + floats(tokens * plan.intermediate)
  const angleBytes = floats(tokens * plan.headDim)
  const threadScratch = angles + <usize>plan.rotaryCount * angleBytes
  const threadBytes = aligned(max(largest(plan, false), tileBytes(plan)))
  if (target) {
    const run = changetype<Run>(target)
    run.stream = stream
    run.normed = normed
    run.quantized = quantized
    run.quantizedBytes = quantizedBytes
    run.queries = queries
    run.keys = keys
    run.values = values
    run.attended = attended
    run.branch = branch
    run.gate = gate
    run.up = up
    run.angles = angles
    run.angleBytes = angleBytes
    run.threadScratch = threadScratch
    run.threadBytes = threadBytes
  }
  return threadScratch + <usize>maxThreads * threadBytes - scratch
}

/** The largest quantized row, or the largest scratch of a product, of all matrices. */
function largest(plan: ModelPlan, row: bool): usize {
  let most = bytesOf(plan.head, row)
  for (let i = 0; i < plan.layerCount; i++) {
    const layer = layerOf(plan, i)
    most = max(most, max(bytesOf(layer.query, row), max(bytesOf(layer.key, row), bytesOf(layer.value, row))))
    most = max(most, max(bytesOf(layer.output, row), bytesOf(layer.gate, row)))
    most = max(most, max(bytesOf(layer.up, row), bytesOf(layer.down, row)))
  }
  return most
}

function bytesOf(matrix: Matrix, row: bool): usize {
  if (matrix.bits >= 16) return 0
  return row ? quantizedRowBytes(matrix) : matmulScratchBytes(matrix)
}

export function layerOf(plan: ModelPlan, index: i32): LayerPlan {
  return changetype<LayerPlan>(<usize>load<u32>(plan.layers + (<usize>index << 2)))
}

function floats(count: usize): usize {
  return aligned(count << 2)
}

function aligned(bytes: usize): usize {
  return (bytes + 63) & ~63
}
