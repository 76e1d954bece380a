import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest'
import type { LLMConfig } from '../../src/engine/index.js'
import { openBrowser, type DrivenBrowser } from '../helpers/browsers/index.js'
import { modelFolder, type TestModel } from '../helpers/embeddedModel.js'
import { buildEnginePage, visit } from '../helpers/enginePage.js'
import { sendFile } from '../helpers/server/files.js'
import { isLong } from '../helpers/isLong.js'
import { startServer, type ServerOptions, type TestServer } from '../helpers/server/startServer.js'

/** Put before a worker's own code: lets the server know what the worker has done. */
const telling = `
const tell = (what) => void fetch('/seen/' + what)
if (self.name !== '') tell('thread')
for (const name of ['compile', 'instantiateStreaming']) {
  const original = WebAssembly[name]
  WebAssembly[name] = async (...given) => {
    const made = await original(...given)
    tell(name)
    return made
  }
}
if (self.GPUAdapter) {
  const original = GPUAdapter.prototype.requestDevice
  GPUAdapter.prototype.requestDevice = async function (...given) {
    const device = await original.apply(this, given)
    tell('device')
    return device
  }
}
`

let folder: string
let page: DrivenBrowser
let server: TestServer | undefined

beforeAll(async () => {
  folder = await buildEnginePage()
  page = await openBrowser('chromium')
})

afterEach(async () => {
  await server?.close()
  server = undefined
})

afterAll(() => page?.close())

/** Serves page and model; of `graph` only the beginning comes before `release` is called. */
async function serveHeldBack(model: TestModel, graph: string): Promise<{ server: TestServer; release: () => void }> {
  const models = path.dirname(modelFolder(model))
  let release!: () => void
  const released = new Promise<void>((resolve) => (release = resolve))
  const overrides: ServerOptions['overrides'] = {
    '/seen/': (_request, response) => void response.writeHead(204).end(),
    [`/models/${model}/${graph}`]: (request, response) => {
      if (request.method === 'HEAD') return void sendFile(models, `/${model}/${graph}`, request, response)
      const bytes = readFileSync(path.join(models, model, graph))
      response.writeHead(200, { 'Content-Length': bytes.length, 'Content-Type': 'application/octet-stream' })
      response.write(bytes.subarray(0, 100_000))
      void released.then(() => response.end(bytes.subarray(100_000)))
    },
  }
  for (const file of readdirSync(path.join(folder, 'assets')).filter((name) => /^onnx-.*\.js$/.test(name))) {
    overrides[`/assets/${file}`] = (_request, response) =>
      void response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(telling + readFileSync(path.join(folder, 'assets', file), 'utf8'))
  }
  server = await startServer({ folders: { '/': folder, '/models/': models }, isolated: true, overrides })
  return { server, release }
}

type Case = [what: string, config: LLMConfig, model: TestModel, graph: string, seen: string[]]

const onGPU: Case = ['ONNX Runtime compiled and the GPU’s device there', { device: 'webgpu', dtype: 'q4' }, 'smollm2-tiny', 'onnx/model_q4.onnx', ['instantiateStreaming', 'device']]

it.each<Case>([
  ['the SIMD core compiled, its threads there', { device: 'wasm', cpuBackend: 'simd', dtype: 'q4', threads: 3 }, 'function-caller', 'onnx/model_q4.onnx', ['compile', 'thread', 'thread']],
  ['ONNX Runtime compiled', { device: 'wasm', cpuBackend: 'onnxruntime', dtype: 'q8', threads: 2 }, 'smollm2-tiny', 'onnx/model_quantized.onnx', ['instantiateStreaming']],
  ...(isLong ? [onGPU] : []),
])('has %s while weights are on their way', async (_what, config, model, graph, expected) => {
  const { server, release } = await serveHeldBack(model, graph)
  await page.goto(`${server.url}/`)
  await page.waitFor('window.visit !== undefined', 20_000)
  const seen = (): string[] => server.requests.filter((each) => each.startsWith('/seen/')).map((each) => each.slice('/seen/'.length))
  // What ends this test early is not told by a page that is left meanwhile.
  const visiting = visit(page, { models: { onnx: `/models/${model}` }, ...config }, { messages: [{ role: 'user', content: 'Hello' }], maxTokens: 2 })
  visiting.catch(() => undefined)
  try {
    await vi.waitFor(() => expect(server.requests).toContain(`/models/${model}/${graph}`), { timeout: 30_000 })
    // The graph's end cannot come before these.
    await vi.waitFor(() => expect(seen().sort()).toEqual(expected.toSorted()), { timeout: 30_000 })
  } finally {
    release()
  }
  const { error, tokenIds } = await visiting
  expect(error).toBeUndefined()
  expect(tokenIds?.length).toBeGreaterThan(0)
  // Code is made ready once; a device goes with its last session, where a recording is given up.
  const code = (events: readonly string[]): string[] => events.filter((each) => each !== 'device').sort()
  expect(code(seen())).toEqual(code(expected))
  await page.evaluate('window.leave()')
})
