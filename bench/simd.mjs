// Times the SIMD core's products: all matrices of SmolLM2-135M (4-bit layers, 8-bit head) once.
//   --in WHERE      node | chromium      (node)
//   --threads LIST                       (1,2)
//   --counts LIST   tokens at once       (1,8,64,302)
//   --rounds N                           (7)
//   --also LIST     more builds of it that earlier runs left in .cache/bench/simd or elsewhere, to compare with
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import puppeteer from 'puppeteer-core'
import { chromiumFlags, findChromium } from '../scripts/lib/chromium.mjs'
import { root } from '../scripts/lib/paths.mjs'
import { compileCore } from '../scripts/lib/simdCore.mjs'
import { serve } from './server.mjs'
import { measure } from './simd/measure.mjs'

const { values } = parseArgs({
  options: {
    in: { type: 'string', default: 'node' },
    threads: { type: 'string', default: '1,2' },
    counts: { type: 'string', default: '1,8,64,302' },
    rounds: { type: 'string', default: '7' },
    also: { type: 'string', default: '' },
  },
})
const numbers = (list) => list.split(',').map(Number)

const folder = path.join(root, '.cache/bench/simd')
const names = ['core']
await compileCore(path.join(folder, 'core.wasm'), { entry: 'kernels.ts', shared: true })
mkdirSync(folder, { recursive: true })
for (const file of values.also.split(',').filter(Boolean)) {
  const name = path.basename(file, '.wasm')
  copyFileSync(file, path.join(folder, `${name}.wasm`))
  names.push(name)
}

const options = { counts: numbers(values.counts), threads: numbers(values.threads), rounds: Number(values.rounds) }
const rows = values.in === 'node' ? await inNode() : await inChromium()

function inNode() {
  const binaries = Object.fromEntries(names.map((name) => [name, readFileSync(path.join(folder, `${name}.wasm`))]))
  return measure(() => new Worker(path.join(import.meta.dirname, 'simd/worker.mjs')), { ...options, binaries })
}

async function inChromium() {
  const server = await serve({ '/wasm/': folder, '/': path.join(import.meta.dirname, 'simd') })
  const browser = await puppeteer.launch({ executablePath: findChromium(), args: chromiumFlags, protocolTimeout: 900_000 })
  try {
    const page = await browser.newPage()
    await page.goto(server.url)
    await page.waitForFunction('window.ready')
    return await page.evaluate((given) => window.measure(given), { ...options, names })
  } finally {
    await browser.close()
    server.close()
  }
}

console.log(`${values.in}, ${os.cpus()[0]?.model}: median (fastest) ms of a pass\n`)
const builds = names.filter((name) => rows.some(({ build }) => build === name))
console.log(['threads  tokens  head', ...builds.map((name) => name.padStart(18))].join(''))
for (const { threads, count, head } of rows.filter(({ build }) => build === builds[0])) {
  const found = (name) => rows.find((row) => row.threads === threads && row.count === count && row.head === head && row.build === name)
  const cells = builds.map((name) => `${found(name).ms.toFixed(1)} (${found(name).fastest.toFixed(1)})`.padStart(18))
  console.log([String(threads).padStart(7), String(count).padStart(8), (head ? 'yes' : 'no').padStart(6), ...cells].join(''))
}
