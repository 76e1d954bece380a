/**
 * How long attention of one layer takes on one thread, times the model's layers: `node bench/simd-attention.mjs [name]`.
 * Operators are compiled from their source. Cases take turns, and the medians of all rounds are shown.
 * It is the processor's time, so that other work on the machine disturbs less.
 */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { assemblyScript } from '../scripts/lib/assemblyScript.mjs'

const core = path.join(import.meta.dirname, '../src/simd/core')
const entry = `
import { attention } from './attention'
import { tileBytes } from './attentionTile'
import { prepareQueries, storeKeyValues } from './keyValues'
import { PAGE_TOKENS, pageBytes } from './pages'
import { LayerPlan, ModelPlan, RotaryPlan } from './plan'
export { attention, PAGE_TOKENS, pageBytes, prepareQueries, storeKeyValues, tileBytes }
export function makePlan(at: usize, layers: i32, heads: i32, keyValueHeads: i32, headDim: i32): usize {
  const plan = changetype<ModelPlan>(at)
  plan.layerCount = layers
  plan.heads = heads
  plan.keyValueHeads = keyValueHeads
  plan.headDim = headDim
  plan.attentionScale = 1 / sqrt(<f32>headDim)
  return offsetof<ModelPlan>()
}
export function makeLayer(at: usize, window: i32): usize {
  const layer = changetype<LayerPlan>(at)
  layer.window = window
  layer.rotary = changetype<RotaryPlan>(at + 512)
  return offsetof<LayerPlan>()
}
`

const models = [
  { name: 'SmolLM2 135M', layers: 30, heads: 9, keyValueHeads: 3, headDim: 64 },
  { name: 'Qwen 3 0.6B', layers: 28, heads: 16, keyValueHeads: 8, headDim: 128 },
  { name: 'Qwen 2.5 0.5B', layers: 24, heads: 14, keyValueHeads: 2, headDim: 64 },
  { name: 'Gemma 3 270M', layers: 18, heads: 4, keyValueHeads: 1, headDim: 256 },
]

/** Tokens already there, tokens that are fed. */
const cases = [
  [199, 1],
  [1999, 1],
  [1992, 8],
  [0, 300],
]

async function compile() {
  let binary
  const flags = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--importMemory']
  const { error, stderr } = await assemblyScript.main(['bench-entry.ts', ...flags, '--outFile', 'bench.wasm'], {
    readFile: (name) => {
      if (name === 'bench-entry.ts') return entry
      try {
        return readFileSync(path.join(core, name), 'utf8')
      } catch {
        return null
      }
    },
    writeFile: (_name, contents) => {
      binary = contents
    },
    listFiles: () => [],
  })
  if (error) throw new Error(stderr.toString())
  return binary
}

/** A model's pages of `context` tokens, filled with noise. */
async function prepare(module, { layers, heads, keyValueHeads, headDim }, context) {
  const memory = new WebAssembly.Memory({ initial: 16384 })
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } })
  let next = 65536
  const allocate = (bytes) => {
    const at = next
    next = Math.ceil((at + bytes) / 64) * 64
    return at
  }
  const noise = (count) => {
    const at = allocate(4 * count)
    new Float32Array(memory.buffer, at, count).forEach((_, i, all) => (all[i] = Math.sin(i * i * 0.37) * 2))
    return at
  }
  const plan = allocate(1024)
  exports.makePlan(plan, layers, heads, keyValueHeads, headDim)
  const layer = allocate(1024)
  exports.makeLayer(layer, 0)
  const count = Math.ceil(context / exports.PAGE_TOKENS.value)
  const table = allocate(4 * count)
  const bytes = exports.pageBytes(layers, keyValueHeads, headDim)
  new Int32Array(memory.buffer, table, count).forEach((_, i, all) => (all[i] = allocate(bytes)))
  const width = keyValueHeads * headDim
  const keys = noise(2 * context * width)
  const values = keys + 4 * context * width
  // Storing writes over them.
  const floats = new Float32Array(memory.buffer, keys, 2 * context * width)
  const clean = floats.slice()
  for (let index = 0; index < layers; index++) {
    floats.set(clean)
    exports.storeKeyValues(plan, layer, index, table, keys, values, 0, 0, context, 0, 1)
  }
  const queries = noise(300 * heads * headDim)
  exports.prepareQueries(plan, layer, queries, 0, 300, 0, 1)
  const output = allocate(4 * 300 * heads * headDim)
  const scratch = allocate(exports.tileBytes(plan))
  return (past, tokens) => {
    const start = process.cpuUsage()
    for (let index = 0; index < layers; index++) exports.attention(plan, layer, index, table, queries, output, past, tokens, scratch, 0, 0, 1)
    return milliseconds(process.cpuUsage(start))
  }
}

// The sum is exact, its parts are estimates.
const milliseconds = ({ user, system }) => (user + system) / 1000
const median = (values) => values.sort((a, b) => a - b)[values.length >> 1]

const module = new WebAssembly.Module(await compile())
const wanted = process.argv[2] ?? ''
const rounds = Number(process.argv[3] ?? 15)
const runs = []
for (const model of models.filter(({ name }) => name.toLowerCase().includes(wanted.toLowerCase()))) {
  const run = await prepare(module, model, 2016)
  for (const [past, tokens] of cases) runs.push({ model, past, tokens, run, times: [] })
}
for (let round = 0; round < rounds; round++) for (const { run, past, tokens, times } of runs) times.push(run(past, tokens))
console.table(
  runs.map(({ model, past, tokens, times }) => ({
    model: model.name,
    'tokens before': past,
    'tokens fed': tokens,
    'ms, all layers': Number(median(times).toFixed(2)),
    fastest: Number(Math.min(...times).toFixed(2)),
  })),
)
