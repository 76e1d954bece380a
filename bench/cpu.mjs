// node bench/cpu.mjs: what the SIMD core is to reach, measured in one run, beside others that run the same weights.
//   --sides LIST    of ours,ours-ort,transformers,wllama   (all)
//   --stages LIST   of threaded,single,passes,memory,sizes (all)
//   --reps N        rounds, each in a fresh browser        (2)
//   --requests N    requests a round; the first one warms up (3)
//   --tokens N      tokens to decode                       (48)
//   --threads N     CPU threads where there are headers    (2)
//   --json FILE     results                                (.cache/bench/cpu.json)
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { root } from '../scripts/lib/paths.mjs'
import { Missing, main } from '../scripts/lib/step.mjs'
import { checkSameWork } from './cpu/checkSameWork.mjs'
import { ensureGguf, ggufModel as model } from './cpu/gguf.mjs'
import { goalTable, rowsOf, stageNames } from './cpu/goals.mjs'
import { measureMemory } from './cpu/memory.mjs'
import { sideNames, sidesOf } from './cpu/sides.mjs'
import { measureSizes } from './cpu/sizes.mjs'
import { buildPage, inFreshPage } from './page.mjs'
import { longPrompt, promptOf } from './prompts.mjs'
import { playRounds } from './rounds.mjs'
import { serve } from './server.mjs'

const { values } = parseArgs({
  allowPositionals: true,
  options: {
    sides: { type: 'string', default: sideNames.join(',') },
    stages: { type: 'string', default: stageNames.join(',') },
    reps: { type: 'string', default: '2' },
    requests: { type: 'string', default: '3' },
    tokens: { type: 'string', default: '48' },
    threads: { type: 'string', default: '2' },
    json: { type: 'string', default: path.join(root, '.cache/bench/cpu.json') },
  },
})
const [rounds, requests, tokens, threads] = [values.reps, values.requests, values.tokens, values.threads].map(Number)
const names = values.sides.split(',')
const wanted = values.stages.split(',')

const needed = [['dist/worker/core.wasm', 'npm run build'], [`models/${model}/onnx/model_q4.onnx`, 'npm run model']]

await main(async () => {
  for (const [file, command] of needed) {
    if (!existsSync(path.join(root, file))) throw new Missing(`${file} is missing. Run: ${command}`)
  }
  if (requests < 2) throw new Missing('The first request of a round warms up and is not counted: --requests 2 or more.')
  const gguf = names.includes('wllama') ? await ensureGguf() : undefined
  const common = { model, ...(gguf && { gguf: `/gguf/${gguf.name}` }) }

  console.log('Building the pages …')
  const folders = {
    '/models/': path.join(root, 'models'),
    '/ort/': path.join(root, 'node_modules/onnxruntime-web/dist'),
    ...(gguf && { '/gguf/': gguf.folder, '/wllama/': path.dirname(fileURLToPath(import.meta.resolve('@wllama/wllama/esm/wasm/wllama.wasm'))) }),
    '/worker/': path.join(root, 'dist/worker'),
    '/core/': await buildPage('core'),
    '/': await buildPage('page'),
  }
  const isolated = await serve(folders)
  const plain = await serve(folders, { isolated: false })
  try {
    const measured = await measureStages({ isolated: isolated.url, plain: plain.url, common })
    console.log(`\n${goalTable(rowsOf(measured))}`)
  } finally {
    isolated.close()
    plain.close()
  }
})

/** What is measured, and told and kept as soon as it is: a busy machine may take long. */
async function measureStages({ isolated, plain, common }) {
  const sides = sidesOf(names, { ...common, threads })
  const stages = {
    threaded: () => playRounds({ url: isolated, sides, rounds, requests, tokens, prompt: longPrompt }),
    single: () => playRounds({ url: plain, sides: sidesOf(names, { ...common, threads: 1 }), rounds, requests, tokens, prompt: promptOf(1) }),
    passes: () => inFreshPage(`${isolated}core/`, (page) => page.evaluate((setup) => window.measure(setup), { model, threads, rounds: 40 })),
    memory: () => measureMemory(isolated, sides),
    sizes: () => measureSizes(model),
  }
  const measured = {}
  const loads = {}
  for (const [name, measure] of Object.entries(stages)) {
    if (!wanted.includes(name)) continue
    const before = os.loadavg()[0]
    const result = await measure()
    if (name === 'threaded' || name === 'single') checkSameWork(result, tokens)
    measured[name] = result
    loads[name] = [before, os.loadavg()[0]]
    console.log(`${name}: load of the machine ${loads[name].map((load) => load.toFixed(1)).join(' before, ')} after\n`)
    const machine = `${os.cpus()[0]?.model}, ${os.availableParallelism()} cores`
    mkdirSync(path.dirname(values.json), { recursive: true })
    writeFileSync(values.json, `${JSON.stringify({ model, machine, loads, rows: rowsOf(measured), measured }, null, 1)}\n`)
  }
  return measured
}
