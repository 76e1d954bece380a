// npm run soak: loads, answers, aborts and unloads over and over, in Chromium and in Node, and fails where something grows.
//   SOAK_CYCLES=N  cycles of each part (300)
//   --parts LIST   of core,onnxruntime,node,core-stays,onnxruntime-stays (all)
//   --model NAME   folder in models/                                     (smollm2-tiny)
//   --json FILE    results                                               (.cache/bench/soak.json)
import { fork } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { root } from '../scripts/lib/paths.mjs'
import { Missing, main, seconds } from '../scripts/lib/step.mjs'
import { buildPage } from './page.mjs'
import { serve } from './server.mjs'
import { driftsOf, driftTable } from './soak/drift.mjs'
import { soakPage } from './soak/inPage.mjs'

const onCore = { dtype: 'q4', cpuBackend: 'simd' }
const onOrt = { dtype: 'q8', cpuBackend: 'onnxruntime' }

/** Where cycles run, and what runs the model. `stays`: one model stays and answers. */
const parts = {
  core: { run: soakPage, backend: onCore, stays: false },
  onnxruntime: { run: soakPage, backend: onOrt, stays: false },
  node: { run: soakNode, backend: onCore, stays: false },
  'core-stays': { run: soakPage, backend: onCore, stays: true },
  'onnxruntime-stays': { run: soakPage, backend: onOrt, stays: true },
}

const { values } = parseArgs({
  options: {
    parts: { type: 'string', default: Object.keys(parts).join(',') },
    model: { type: 'string', default: 'smollm2-tiny' },
    json: { type: 'string', default: path.join(root, '.cache/bench/soak.json') },
  },
})
const { model } = values
const cycles = Number(process.env.SOAK_CYCLES ?? 300)
const every = Math.max(1, Math.floor(cycles / 60))

await main(async () => {
  const wanted = values.parts.split(',')
  const stranger = wanted.find((name) => !Object.hasOwn(parts, name))
  if (stranger !== undefined) throw new Missing(`There is no part ${stranger}, only ${Object.keys(parts).join(', ')}.`)
  for (const [file, command] of [['dist/worker/core.wasm', 'npm run build'], [`models/${model}/config.json`, 'npm run model']]) {
    if (!existsSync(path.join(root, file))) throw new Missing(`${file} is missing. Run: ${command}`)
  }
  const server = await serve({ [`/hub/bench/${model}/resolve/main/`]: path.join(root, 'models', model), '/': await buildPage('soak') })
  const measured = {}
  try {
    for (const name of wanted) {
      const { run, backend, stays } = parts[name]
      const started = performance.now()
      const config = { models: { onnx: `bench/${model}` }, hubURL: `${server.url}hub/`, device: 'wasm', threads: 2, ...backend }
      const soaked = await run({ url: server.url, config, cycles, every, stays })
      const drifts = driftsOf(soaked.samples)
      measured[name] = { cycles, ...soaked, drifts }
      mkdirSync(path.dirname(values.json), { recursive: true })
      writeFileSync(values.json, `${JSON.stringify({ model, measured }, null, 1)}\n`)
      console.log(`\n${name} (${soaked.backend}): ${cycles} cycles in ${seconds(performance.now() - started)}\n${driftTable(drifts)}`)
    }
  } finally {
    server.close()
  }
  const growing = Object.entries(measured).flatMap(([name, { drifts }]) => drifts.filter(({ isFlat }) => !isFlat).map(({ figure }) => `${name}: ${figure}`))
  if (growing.length > 0) throw new Missing(`What grows with every cycle: ${growing.join(', ')}.`)
})

/** Cycles in a process of their own: what this one did before is not theirs. */
function soakNode(options) {
  return new Promise((resolve, reject) => {
    const child = fork(path.join(import.meta.dirname, 'soak/inNode.mjs'), [JSON.stringify(options)])
    let soaked
    child.on('message', (message) => (soaked = message))
    child.on('error', reject)
    child.on('exit', (code) => (soaked && code === 0 ? resolve(soaked) : reject(new Error(`The cycles in Node ended with status ${code}`))))
  })
}
