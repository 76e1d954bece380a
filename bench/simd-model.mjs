// Times whole passes of a model on the SIMD core in Chromium; with several builds, compares their logits to the bit.
//   --model FOLDER    with config.json and onnx/model_q4.onnx     (models/function-caller)
//   --threads LIST                                                (1,2)
//   --contexts LIST   tokens that are there already               (200,2000)
//   --few N           tokens of a short pass                      (8)
//   --prompt N        tokens of a prompt                          (302)
//   --rounds N                                                    (7)
//   --also LIST       earlier builds to compare with, of the same structs
import { copyFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'
import puppeteer from 'puppeteer-core'
import { chromiumFlags, findChromium } from '../scripts/lib/chromium.mjs'
import { root } from '../scripts/lib/paths.mjs'
import { compileCore } from '../scripts/lib/simdCore.mjs'
import { serve } from './server.mjs'

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: 'models/function-caller' },
    threads: { type: 'string', default: '1,2' },
    contexts: { type: 'string', default: '200,2000' },
    few: { type: 'string', default: '8' },
    prompt: { type: 'string', default: '302' },
    rounds: { type: 'string', default: '7' },
    also: { type: 'string', default: '' },
  },
})
const list = (text) => text.split(',').filter(Boolean)

const folder = path.join(root, '.cache/bench/simd-model')
const builds = ['core']
await compileCore(path.join(folder, 'core.wasm'))
for (const file of list(values.also)) {
  const name = path.basename(file, '.wasm')
  copyFileSync(file, path.join(folder, `${name}.wasm`))
  builds.push(name)
}
const entry = path.join(import.meta.dirname, 'simd/model/worker.ts')
await build({ entryPoints: [entry], bundle: true, format: 'esm', target: 'es2022', outfile: path.join(folder, 'worker.js') })

const question = {
  builds,
  threads: list(values.threads).map(Number),
  contexts: list(values.contexts).map(Number),
  few: Number(values.few),
  prompt: Number(values.prompt),
  rounds: Number(values.rounds),
}
const server = await serve({
  '/wasm/': folder,
  '/bundle/': folder,
  '/model/': path.resolve(root, values.model),
  '/': path.join(import.meta.dirname, 'simd/model'),
})
const browser = await puppeteer.launch({ executablePath: findChromium(), args: chromiumFlags, protocolTimeout: 900_000 })
try {
  const page = await browser.newPage()
  await page.goto(server.url)
  await page.waitForFunction('window.ready')
  const { rows, differing, error } = await page.evaluate((given) => window.measure(given), question)
  if (error) throw new Error(error)
  print(rows)
  console.log(differing.length === 0 ? '\nThe same bits throughout.' : `\nOther bits than the first:\n${differing.join('\n')}`)
  if (differing.length > 0) process.exitCode = 1
} finally {
  await browser.close()
  server.close()
}

function print(rows) {
  console.log(`${os.cpus()[0]?.model}, load ${os.loadavg()[0]?.toFixed(1)}: median (fastest) ms of a pass\n`)
  const columns = question.threads.flatMap((threads) => builds.map((name) => ({ name, threads })))
  console.log(['pass'.padEnd(36), ...columns.map(({ name, threads }) => `${name} ×${threads}`.padStart(20))].join(''))
  for (const pass of new Set(rows.map((row) => row.pass))) {
    const cells = columns.map(({ name, threads }) => {
      const row = rows.find((one) => one.pass === pass && one.build === name && one.threads === threads)
      return `${row.ms.toFixed(1)} (${row.fastest.toFixed(1)})`.padStart(20)
    })
    console.log(pass.padEnd(36) + cells.join(''))
  }
}
