// npm run bench -- tools: what constrained decoding and jump-forward do to calls, in Chromium, by turns.
//   --model NAME    folder in models/        (function-caller)
//   --dtype D       auto | q8 | q4 | …       (auto)
//   --device D      wasm | webgpu            (wasm)
//   --demos a,b     of pipeline/data/demos-test (square-color,smart-home)
//   --requests N    messages to each demo    (3)
//   --reps N        rounds over all messages (3)
//   --threads N     CPU threads              (all cores, at most 4)
//   --json FILE     results                  (.cache/bench/tools.json)
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import puppeteer from 'puppeteer-core'
import { build } from 'vite'
import { chromiumFlags, findChromium } from '../scripts/lib/chromium.mjs'
import { serve } from './server.mjs'
import { summarizeTools, tables } from './toolsSummary.mjs'

const root = path.resolve(import.meta.dirname, '..')
const { values } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', default: 'function-caller' },
    dtype: { type: 'string', default: 'auto' },
    device: { type: 'string', default: 'wasm' },
    demos: { type: 'string', default: 'square-color,smart-home' },
    requests: { type: 'string', default: '3' },
    reps: { type: 'string', default: '3' },
    threads: { type: 'string', default: String(Math.min(4, os.availableParallelism())) },
    json: { type: 'string', default: path.join(root, '.cache/bench/tools.json') },
  },
})

const needed = [['dist/worker/grammar.mjs', 'npm run build'], [`models/${values.model}/manifest.json`, 'npm run model']]
for (const [file, command] of needed) {
  if (existsSync(path.join(root, file))) continue
  console.error(`${file} is missing. Run: ${command}`)
  process.exit(1)
}

/** Messages that ask for calls, spread over what a demo's tests hold. */
function demo(name) {
  const toolCallBias = name === 'smart-home' ? 1.5 : undefined
  const { tools, requests } = JSON.parse(readFileSync(path.join(root, `pipeline/data/demos-test/${name}.json`), 'utf8'))
  const specs = tools.map(({ name, description = '', parameters }) => ({ name, description, inputSchema: parameters }))
  const said = requests.filter(({ say, history, now, calls }) => say && !history && !now && calls.length > 0)
  const count = Number(values.requests)
  return Array.from({ length: count }, (_, i) => ({ say: said[Math.floor(((i + 0.5) * said.length) / count)].say, tools: specs, toolCallBias }))
}

const messages = values.demos.split(',').flatMap(demo)
const { tools: homeTools } = demo('smart-home')[0]

/** Tools as an app may have them: the demo's, over and over, by other names. */
const toolSet = (count, round) =>
  Array.from({ length: count }, (_, i) => {
    const like = homeTools[i % homeTools.length]
    return { ...like, name: `${like.name}_${round}_${count}_${i}` }
  })

const outDir = path.join(root, '.cache/bench/tools')
console.log('Building the page …')
await build({
  root: path.join(import.meta.dirname, 'tools'),
  configFile: false,
  logLevel: 'error',
  // Without the condition ONNX Runtime looks for its WebAssembly beside itself.
  resolve: { conditions: ['onnxruntime-web-use-extern-wasm', 'module', 'browser', 'production'] },
  worker: { format: 'es' },
  build: { outDir, emptyOutDir: true, target: 'esnext' },
})
const server = await serve({ '/models/': path.join(root, 'models'), '/worker/': path.join(root, 'dist/worker'), '/': outDir })

const sides = {
  'as the kit does it': { constrained: true, jumpForward: true, speculation: true },
  'without drafts': { constrained: true, jumpForward: true, speculation: false },
  'one by one': { constrained: true, jumpForward: false, speculation: false },
  unconstrained: { constrained: false, jumpForward: true, speculation: false },
}
const names = Object.keys(sides)
const setup = { model: values.model, dtype: values.dtype, device: values.device, threads: Number(values.threads) }

const browser = await puppeteer.launch({ executablePath: findChromium(), args: chromiumFlags, protocolTimeout: 900_000 })
try {
  const page = await browser.newPage()
  page.on('pageerror', (error) => console.error(error))
  await page.goto(server.url)
  await page.waitForFunction('window.bench')
  const call = (method, ...args) => page.evaluate((method, args) => window.bench[method](...args), method, args)

  for (const name of names) {
    await call('open', name, sides[name], setup)
    // The first message compiles the grammar, and the engine's code still is being compiled.
    await call('ask', name, messages[0])
  }
  const answers = []
  for (let round = 0; round < Number(values.reps); round++) {
    for (const [index, message] of messages.entries()) {
      // Who begins changes: what else the machine does hits all alike.
      const turn = (round + index) % names.length
      const answer = {}
      for (const name of [...names.slice(turn), ...names.slice(0, turn)]) answer[name] = await call('ask', name, message)
      answers.push({ say: message.say, answer })
      const times = names.map((name) => answer[name].dispatchedMs?.toFixed(0) ?? 'no call')
      console.log(`${round + 1}: ${message.say}: ${times.join(' / ')} ms`)
    }
  }
  const steps = []
  for (const { say, answer } of answers.slice(0, messages.length)) {
    const message = messages.find((one) => one.say === say)
    const replay = () => call('grammarSteps', names[0], message, answer[names[0]].tokenIds)
    // The first time compiles; that is measured below.
    await replay()
    steps.push(await replay(), await replay())
  }
  const compile = []
  for (let round = 0; round < Math.max(3, Number(values.reps)); round++) {
    compile.push(await call('compileTimes', names[0], [1, 10, 50].map((count) => toolSet(count, round))))
  }

  const summary = summarizeTools({ names, answers, steps: steps.flat(), compile })
  const machine = `${os.cpus()[0]?.model}, ${os.availableParallelism()} cores, load ${os.loadavg()[0].toFixed(1)}`
  console.log(`\n${values.model}, ${values.dtype}, ${values.device}, ${values.threads} threads; ${machine}; ${answers.length} messages, medians\n`)
  console.log(tables(summary))
  mkdirSync(path.dirname(values.json), { recursive: true })
  writeFileSync(values.json, `${JSON.stringify({ setup, machine, summary, answers, steps, compile }, null, 1)}\n`)
} finally {
  await browser.close()
  server.close()
}
