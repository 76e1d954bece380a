import { mkdir, symlink } from 'node:fs/promises'
import path from 'node:path'
import { build } from 'vite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { openPuppeteer, type PuppeteerBrowser } from '../helpers/browsers/index.js'
import { startServer, type TestServer } from '../helpers/server/startServer.js'
import { startHub, type FakeHub } from '../hub/server.js'
import { TemporaryFolder } from '../hub/tinyModel.js'

const root = path.resolve(import.meta.dirname, '../..')
const outDir = path.join(root, '.cache/e2e/requests')
const reports = '/csp-report'
/** What the Hub is asked for: the listing, and files of the model. */
const ofTheModel = /^\/(?:api\/models\/org\/tiny\/tree\/main\?recursive=true|org\/tiny\/resolve\/main\/[\w./-]+|api\/resolve-cache\/models\/org\/tiny\/\w+\/[\w./-]+|\w{64}\?file=org%2Ftiny%2F[\w.%-]+)$/

let folder: TemporaryFolder
let hub: FakeHub
let server: TestServer
let browser: PuppeteerBrowser

beforeAll(async () => {
  await build({
    root: path.join(import.meta.dirname, 'pages/requests'),
    logLevel: 'error',
    resolve: { alias: { 'react-edge-llm/engine': path.join(root, 'dist/engine/index.js') } },
    build: { outDir, emptyOutDir: true, target: 'es2022' },
  })
  folder = await TemporaryFolder.create()
  await mkdir(path.join(folder.path, 'org'))
  await symlink(path.join(root, 'models/smollm2-tiny'), path.join(folder.path, 'org/tiny'))
})

beforeEach(async () => {
  hub = await startHub({ directory: folder.path })
  // The browser refuses, and reports, every request to another host, of the page and of its workers.
  const policy =
    `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; style-src 'self'; img-src data:; ` +
    `connect-src 'self' data: blob: ${hub.url} ${hub.cdnURL}; report-uri ${reports}`
  server = await startServer({
    folders: { '/': outDir, '/models/': path.join(root, 'models') },
    isolated: true,
    headers: { 'Content-Security-Policy': policy },
    overrides: { [reports]: (_request, response) => response.writeHead(204).end() },
  })
  browser = await openPuppeteer('chromium')
  await browser.goto(server.url)
  await browser.waitFor('window.session !== undefined', 20_000)
})

afterEach(async () => {
  await browser?.close()
  await server?.close()
  await hub?.close()
})

afterAll(() => folder?.remove())

function session(config: object, hubModel?: string): Promise<string> {
  return browser.evaluate(`window.session(${JSON.stringify(config)}, ${JSON.stringify(hubModel)})`)
}

// Reports come a moment later: one that is provoked comes behind all others.
async function refusedRequests(): Promise<number> {
  const before = (): number => server.requests.filter((request) => request === reports).length
  await browser.evaluate(`fetch('https://elsewhere.example/').catch(() => undefined)`)
  await vi.waitFor(() => expect(before()).toBeGreaterThan(0), { timeout: 20_000, interval: 50 })
  return before() - 1
}

describe('a whole session asks nobody but the hosts of its model', () => {
  it.each([
    ['the SIMD core', { device: 'wasm', cpuBackend: 'simd' }, 'simd'],
    ['ONNX Runtime', { device: 'wasm', cpuBackend: 'onnxruntime' }, 'onnxruntime-web/wasm'],
  ])('a Hub model on %s', async (_what, config, backend) => {
    expect(await session({ ...config, models: { onnx: 'org/tiny' }, hubURL: hub.url }, 'org/tiny')).toBe(backend)
    expect(await refusedRequests()).toBe(0)
    expect(hub.requests.length).toBeGreaterThan(5)
    for (const { method, path: asked, authorization } of hub.requests) {
      expect(['GET', 'HEAD']).toContain(method)
      expect(decodeURIComponent(asked) === asked || asked.includes('?file=')).toBe(true)
      expect(asked).toMatch(ofTheModel)
      expect(authorization).toBeUndefined()
    }
    expect(server.requests.filter((request) => !/^\/(?:$|assets\/|csp-report$)/.test(request))).toEqual([])
  })

  it.each([
    ['onnx', 'simd'],
    ['transformers', '@huggingface/transformers'],
  ])('a local model in the runtime %s', async (runtime, backend) => {
    expect(await session({ device: 'wasm', preferredRuntime: runtime, models: { [runtime]: '/models/smollm2-tiny' } })).toContain(backend.split('/')[0])
    expect(await refusedRequests()).toBe(0)
    expect(hub.requests).toEqual([])
    expect(server.requests.filter((request) => !/^\/(?:$|assets\/|csp-report$|models\/smollm2-tiny\/)/.test(request))).toEqual([])
  })
})
