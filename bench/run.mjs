// npm run bench: our engine beside Transformers.js, same weights, same browser, taking turns.
//   --model NAME    folder in models/      (smollm2-135m-instruct)
//   --dtype D       fp32 | q8 | q4          (q8)
//   --device D      wasm | webgpu           (wasm)
//   --reps N        rounds                  (3)
//   --requests N    requests a round        (4)
//   --tokens N      tokens to decode        (48)
//   --threads N     CPU threads of both     (all cores, at most 4)
//   --json FILE     results                 (.cache/bench/result.json)
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { buildPage } from './page.mjs'
import { longPrompt } from './prompts.mjs'
import { playRounds } from './rounds.mjs'
import { serve } from './server.mjs'
import { summarize, table } from './summary.mjs'

const root = path.resolve(import.meta.dirname, '..')
const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'smollm2-135m-instruct' },
    dtype: { type: 'string', default: 'q8' },
    device: { type: 'string', default: 'wasm' },
    reps: { type: 'string', default: '3' },
    requests: { type: 'string', default: '4' },
    tokens: { type: 'string', default: '48' },
    threads: { type: 'string', default: String(Math.min(4, os.availableParallelism())) },
    json: { type: 'string', default: path.join(root, '.cache/bench/result.json') },
  },
})

const needed = [['dist/engine/index.js', 'npm run build'], [`models/${values.model}/manifest.json`, 'npm run model']]
for (const [file, command] of needed) {
  if (existsSync(path.join(root, file))) continue
  console.error(`${file} is missing. Run: ${command}`)
  process.exit(1)
}

console.log('Building the page …')
const server = await serve({
  '/models/': path.join(root, 'models'),
  '/ort/': path.join(root, 'node_modules/onnxruntime-web/dist'),
  '/': await buildPage('page'),
})

const setup = { model: values.model, dtype: values.dtype, device: values.device, threads: Number(values.threads) }
const rounds = await playRounds({
  url: server.url,
  sides: { ours: { loader: 'engine', setup }, transformers: { loader: 'transformers', setup } },
  rounds: Number(values.reps),
  requests: Number(values.requests),
  prompt: longPrompt,
  tokens: Number(values.tokens),
})
server.close()

const summary = summarize(rounds)
console.log(`\n${values.model}, ${values.dtype}, ${values.device}, ${values.threads} threads, ${os.cpus()[0]?.model}, ${values.reps} rounds, medians`)
console.log(table(summary))
mkdirSync(path.dirname(values.json), { recursive: true })
writeFileSync(values.json, `${JSON.stringify({ setup, summary, rounds }, null, 2)}\n`)
