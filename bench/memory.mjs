// npm run bench -- memory: the most memory that a page needs while a model loads, beside the size of the model's file.
//   --sides LIST  of core,core-1,onnxruntime,webgpu (all)
//   --ways LIST   of local,download,stored          (all)
//   --model NAME  folder in models/                 (function-caller)
//   --reps N      loads of each, in fresh browsers  (1)
//   --patience S  seconds: a GPU that the CPU plays takes minutes to warm up, long after all weights are there (60)
//   --json FILE   results                           (.cache/bench/memory.json)
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../scripts/lib/paths.mjs'
import { Missing, main } from '../scripts/lib/step.mjs'
import { MemoryMark } from './cpu/processMemory.mjs'
import { median } from './median.mjs'
import { buildPage, inFreshPages } from './page.mjs'
import { serve } from './server.mjs'

const { values } = parseArgs({
  allowPositionals: true,
  options: {
    sides: { type: 'string', default: 'core,core-1,onnxruntime,webgpu' },
    ways: { type: 'string', default: 'local,download,stored' },
    model: { type: 'string', default: 'function-caller' },
    reps: { type: 'string', default: '1' },
    patience: { type: 'string', default: '60' },
    json: { type: 'string', default: path.join(root, '.cache/bench/memory.json') },
  },
})
const { model } = values

/** What loads, and the file that it loads. */
const sides = {
  core: { file: 'model_q4.onnx', config: { device: 'wasm', cpuBackend: 'simd', dtype: 'q4', threads: 2 } },
  'core-1': { file: 'model_q4.onnx', config: { device: 'wasm', cpuBackend: 'simd', dtype: 'q4', threads: 1 } },
  onnxruntime: { file: 'model_quantized.onnx', config: { device: 'wasm', cpuBackend: 'onnxruntime', dtype: 'q8', threads: 2 } },
  webgpu: { file: 'model_q4.onnx', config: { device: 'webgpu', dtype: 'q4' } },
}

/** Where the file comes from. */
const ways = {
  local: () => ({ models: { onnx: `/models/${model}` } }),
  download: (url) => ({ models: { onnx: `bench/${model}` }, hubURL: `${url}hub/` }),
  stored: (url) => ways.download(url),
}

await main(async () => {
  if (process.platform !== 'linux') throw new Missing('What processes need is read from /proc, which Linux has.')
  if (!existsSync(path.join(root, 'dist/worker/core.wasm'))) throw new Missing('dist/worker/core.wasm is missing. Run: npm run build')
  const folder = path.join(root, 'models', model)
  const server = await serve({ '/models/': path.join(root, 'models'), [`/hub/bench/${model}/resolve/main/`]: folder, '/': await buildPage('memory') })
  const measured = []
  try {
    for (const side of values.sides.split(',')) {
      if (!Object.hasOwn(sides, side)) throw new Missing(`There is no side ${side}, only ${Object.keys(sides).join(', ')}.`)
      const { file, config } = sides[side]
      const fileBytes = statSync(path.join(folder, 'onnx', file)).size
      for (const way of values.ways.split(',')) {
        if (!Object.hasOwn(ways, way)) throw new Missing(`There is no way ${way}, only ${Object.keys(ways).join(', ')}.`)
        const loads = []
        for (let rep = 0; rep < Number(values.reps); rep++) loads.push(await measure(server.url, way, { ...config, ...ways[way](server.url) }))
        const row = { side, way, fileBytes, peakBytes: median(loads.map(({ page }) => page.peakBytes)), loads }
        measured.push(row)
        console.log(`${side}, ${way} (${loads[0].loaded?.backend ?? 'not ready in time'}): ${loads.map(told).join(' | ')}; ${(row.peakBytes / fileBytes).toFixed(2)} × the file`)
      }
    }
  } finally {
    server.close()
  }
  mkdirSync(path.dirname(values.json), { recursive: true })
  writeFileSync(values.json, `${JSON.stringify({ model, measured }, null, 1)}\n`)
  console.log(`\n${table(measured)}`)
})

/** One load in a browser of its own. */
function measure(url, way, config) {
  return inFreshPages(async (withPage, browser) => {
    const load = (page) => page.evaluate((...args) => window.load(...args), config)
    if (way === 'stored') await withPage(url, load)
    return withPage(url, async (page) => {
      // Code that the page needs anyway is there, and nothing of the engine but its entry.
      await new Promise((resolve) => setTimeout(resolve, 500))
      const [inPage, onGPU] = [new MemoryMark(browser.process().pid, 'renderer'), new MemoryMark(browser.process().pid, 'gpu-process')]
      const loaded = await Promise.race([load(page), new Promise((resolve) => setTimeout(resolve, 1000 * Number(values.patience)))])
      return { loaded, page: inPage.growth(), gpu: onGPU.growth() }
    })
  })
}

function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(0)} MB`
}

function told({ page, gpu, loaded }) {
  return `peak ${megabytes(page.peakBytes)}, then ${megabytes(page.bytes)}, WebAssembly ${megabytes(loaded?.memoryBytes ?? 0)}, GPU process ${megabytes(gpu?.peakBytes ?? 0)}, ${loaded?.loadMs.toFixed(0)} ms`
}

/** As Markdown. */
function table(rows) {
  const lines = rows.map(({ side, way, fileBytes, peakBytes }) => [side, way, megabytes(fileBytes), megabytes(peakBytes), `${(peakBytes / fileBytes).toFixed(2)} ×`])
  const head = ['', 'from', 'file', 'peak beyond the page', 'of the file']
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
