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
import puppeteer from 'puppeteer-core'
import { build } from 'vite'
import { chromiumFlags, findChromium } from '../scripts/lib/chromium.mjs'
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

// The beginnings differ, so that nothing of an earlier prompt can be reused.
const filler = 'The river runs past the old mill, and the children play in the meadow until the evening bell. '
const prompt = (number) => `Number ${number}: read this. ${filler.repeat(12)} Now tell me a long story about it.`

const outDir = path.join(root, '.cache/bench/page')
console.log('Building the page …')
await build({
  root: path.join(import.meta.dirname, 'page'),
  configFile: false,
  logLevel: 'error',
  worker: { format: 'es' },
  build: { outDir, emptyOutDir: true, target: 'esnext' },
})
const server = await serve({
  '/models/': path.join(root, 'models'),
  '/ort/': path.join(root, 'node_modules/onnxruntime-web/dist'),
  '/': outDir,
})

const setup = { model: values.model, dtype: values.dtype, device: values.device, threads: Number(values.threads) }
const rounds = { ours: [], transformers: [] }
const requests = Number(values.requests)
for (let round = 0; round < Number(values.reps); round++) {
  const browser = await puppeteer.launch({ executablePath: findChromium(), args: chromiumFlags, protocolTimeout: 900_000 })
  const page = await browser.newPage()
  await page.goto(server.url)
  await page.waitForFunction('window.ready')
  // Both sides sit in one page and take turns request by request, and who begins changes:
  // what else the machine does hits both alike.
  const order = round % 2 === 0 ? ['ours', 'transformers'] : ['transformers', 'ours']
  const results = {}
  const ask = (name, number) => page.evaluate((...args) => window.generate(...args), name, prompt(number), Number(values.tokens))
  for (const name of order) {
    const loadMs = await page.evaluate((...args) => window.load(...args), name, setup)
    // Right after its own load: the engine's code is still being compiled in the background.
    results[name] = { loadMs, requests: [await ask(name, 0)] }
  }
  for (let request = 1; request < requests; request++) {
    for (const name of request % 2 === 0 ? order : order.toReversed()) results[name].requests.push(await ask(name, request))
  }
  await browser.close()
  for (const name of order) {
    rounds[name].push(results[name])
    const rates = results[name].requests.map(({ prefill, decode }) => `${prefill.toFixed(0)}/${decode.toFixed(1)}`)
    console.log(`round ${round + 1}, ${name}: load ${results[name].loadMs.toFixed(0)} ms, prefill/decode tok/s ${rates.join(' ')}`)
  }
}
server.close()

const summary = summarize(rounds)
console.log(`\n${values.model}, ${values.dtype}, ${values.device}, ${values.threads} threads, ${os.cpus()[0]?.model}, ${values.reps} rounds, medians`)
console.log(table(summary))
mkdirSync(path.dirname(values.json), { recursive: true })
writeFileSync(values.json, `${JSON.stringify({ setup, summary, rounds }, null, 2)}\n`)
