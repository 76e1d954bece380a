// node bench/cpu.mjs: what the SIMD core is to reach, measured in one run, beside others that run the same weights.
//   --sides LIST    of ours,ours-ort,transformers,wllama   (all)
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
import { goalTable, rowsOf } from './cpu/goals.mjs'
import { measureMemory } from './cpu/memory.mjs'
import { sideNames, sidesOf } from './cpu/sides.mjs'
import { measureSizes } from './cpu/sizes.mjs'
import { buildPage, inFreshPage } from './page.mjs'
import { longPrompt, promptOf } from './prompts.mjs'
import { playRounds } from './rounds.mjs'
import { serve } from './server.mjs'

const { values } = parseArgs({
  options: {
    sides: { type: 'string', default: sideNames.join(',') },
    reps: { type: 'string', default: '2' },
    requests: { type: 'string', default: '3' },
    tokens: { type: 'string', default: '48' },
    threads: { type: 'string', default: '2' },
    json: { type: 'string', default: path.join(root, '.cache/bench/cpu.json') },
  },
})
const [rounds, requests, tokens, threads] = [values.reps, values.requests, values.tokens, values.threads].map(Number)
const names = values.sides.split(',')

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
    const sides = sidesOf(names, { ...common, threads })
    const loadBefore = os.loadavg()[0]
    console.log(`\n${threads} threads`)
    const threaded = await playRounds({ url: isolated.url, sides, rounds, requests, tokens, prompt: longPrompt })
    console.log('\n1 thread, no headers')
    const single = await playRounds({ url: plain.url, sides: sidesOf(names, { ...common, threads: 1 }), rounds, requests, tokens, prompt: promptOf(1) })
    for (const played of [threaded, single]) checkSameWork(played, tokens)
    console.log('')
    const passes = await inFreshPage(`${isolated.url}core/`, (page) => page.evaluate((setup) => window.measure(setup), { model, threads, rounds: 40 }))
    const memory = await measureMemory(isolated.url, sides)
    const sizes = await measureSizes(model)
    const rows = rowsOf({ threaded, single, passes, memory, sizes })

    const ran = [threaded, single].flatMap((played) => Object.entries(played).map(([name, [{ about }]]) => `${name}: ${about}`))
    const load = [loadBefore, os.loadavg()[0]].map((each) => each.toFixed(1)).join(' before and ')
    const machine = `${os.cpus()[0]?.model}, ${os.availableParallelism()} cores, load ${load} after`
    console.log(`\n${[...new Set(ran)].join('\n')}\n${model}; ${machine}; ${rounds} rounds of ${requests} requests of ${tokens} tokens, medians\n`)
    console.log(goalTable(rows))
    mkdirSync(path.dirname(values.json), { recursive: true })
    writeFileSync(values.json, `${JSON.stringify({ model, machine, ran, rows, threaded, single, passes, memory, sizes }, null, 1)}\n`)
  } finally {
    isolated.close()
    plain.close()
  }
})
