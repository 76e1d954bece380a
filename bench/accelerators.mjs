// npm run bench -- accelerators: what prefix reuse, jump-forward and speculation save, and that they change no token; in Node, one thread.
//   --stages a,b    same: fifty answers with each accelerator, and without (about 3 minutes; the default)
//                   passes: runs of the graph for the calls of all requests to the demos
//                   speed: prose with speculation beside prose without
//   --model NAME    folder in models/             (function-caller)
//   --tokens N      of an answer in prose         (24; speed: 96)
//   --reps N        rounds of speed               (2)
//   --every N       only every N-th request       (1)
import { existsSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { build } from 'vite'

const root = path.resolve(import.meta.dirname, '..')
const { values } = parseArgs({
  allowPositionals: true,
  options: {
    stages: { type: 'string', default: 'same' },
    model: { type: 'string', default: 'function-caller' },
    tokens: { type: 'string' },
    reps: { type: 'string', default: '2' },
    every: { type: 'string', default: '1' },
  },
})
const needed = [['dist/worker/core.wasm', 'npm run build'], [`models/${values.model}/manifest.json`, 'npm run model']]
for (const [file, command] of needed) {
  if (existsSync(path.join(root, file))) continue
  console.error(`${file} is missing. Run: ${command}`)
  process.exit(1)
}

const outDir = path.join(root, '.cache/bench/accelerators')
await build({
  configFile: false,
  logLevel: 'error',
  build: { ssr: path.join(import.meta.dirname, 'accelerators/main.ts'), outDir, emptyOutDir: true, target: 'node20' },
})
const { sameTokens, passesPerToken, proseSpeed } = await import(pathToFileURL(path.join(outDir, 'main.js')).href)
const setup = { root, model: values.model, reps: Number(values.reps), every: Number(values.every), print: (line) => console.log(line) }
const tokens = (count) => Number(values.tokens ?? count)
for (const stage of values.stages.split(',')) {
  console.log(`\n${stage}, ${values.model}`)
  if (stage === 'same') {
    const different = await sameTokens({ ...setup, tokens: tokens(24) })
    for (const line of different) console.error(`Different: ${line}`)
    if (different.length > 0) process.exitCode = 1
  } else if (stage === 'passes') {
    const passes = await passesPerToken({ ...setup, tokens: tokens(24) })
    if (passes > 1 / 3) process.exitCode = 1
  } else if (stage === 'speed') await proseSpeed({ ...setup, tokens: tokens(96) })
  else throw new Error(`There is no stage ${stage}. There are same, passes and speed.`)
}
