import { execFileSync } from 'node:child_process'
import path from 'node:path'
import react from '@vitejs/plugin-react'
import { build } from 'vite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { startHub, type FakeHub } from '../hub/server.js'
import { openPuppeteer, type PuppeteerBrowser } from '../helpers/browsers/index.js'
import { isLong } from '../helpers/isLong.js'
import { startServer, type TestServer } from '../helpers/server/startServer.js'
import { WorkerFaults, type FaultMoment, type WorkerFault } from '../helpers/workerFaults.js'
import type { Ended } from './pages/resilience/main.js'

const root = path.resolve(import.meta.dirname, '../..')
const outDir = path.join(root, '.cache/e2e/resilience')
const faults = new WorkerFaults(outDir)
/** A repository of the Hub below: it is stored, so that a new download would show. */
const tiny = 'models/smollm2-tiny'

let hub: FakeHub
let server: TestServer
let browser: PuppeteerBrowser

beforeAll(async () => {
  await build({
    root: path.join(import.meta.dirname, 'pages/resilience'),
    configFile: false,
    logLevel: 'error',
    plugins: [react()],
    resolve: { alias: { 'react-edge-llm': path.join(root, 'dist/index.js') } },
    build: { outDir, emptyOutDir: true, target: 'es2022' },
  })
  hub = await startHub({ directory: root })
  server = await startServer({
    folders: { '/': outDir, '/models/': path.join(root, 'models') },
    isolated: true,
    overrides: { ...faults.overrides, '/elsewhere': (_request, response) => void response.writeHead(200, { 'Content-Type': 'text/html' }).end('<p>Elsewhere</p>') },
  })
})

beforeEach(async () => {
  browser = await openPuppeteer('chromium', { backForwardCache: true })
})

afterEach(async () => {
  faults.clear()
  await browser?.close()
})

afterAll(async () => {
  await server?.close()
  await hub?.close()
})

/** Opens the chat with a config. */
async function open(config: Record<string, string | number>): Promise<void> {
  const query = new URLSearchParams({ hubURL: hub.url, ...Object.fromEntries(Object.entries(config).map(([name, value]) => [name, String(value)])) })
  await browser.goto(`${server.url}/?${query}`)
  await browser.waitFor('window.user', 20_000)
}

const say = (text: string) => browser.evaluate<Ended>(`user.say(${JSON.stringify(text)})`)
const workers = () => browser.page.workers().map((worker) => worker.url())
/** Requests for the model since this was asked before. */
const downloads = () => hub.requests.splice(0).length

describe('a worker that fails', () => {
  const cases: [WorkerFault, RegExp][] = [
    ['throws', /^session-failed: .*injected/],
    ['crashes', /^worker-crashed: .*injected/],
    ['has no memory left', /^out-of-memory: /],
    ['dies without a word', /^worker-hung: .*for 3 s/],
    ['hangs', /^worker-hung: .*for 3 s/],
  ]

  it.each(cases)('in an answer, because it %s: what was said stays, and the next turn has a new worker and no download', async (fault, error) => {
    await open({ onnx: tiny, device: 'wasm', threads: 1, hangTimeout: 3000 })
    faults.set(fault)
    const failed = await say('Hello')
    expect(failed).toMatchObject({ status: 'error', error: expect.stringMatching(error) as string, interrupted: 'error', model: 'error' })
    expect(failed.messages).toHaveLength(2)
    expect(failed.messages[1]!.length).toBeGreaterThan('assistant: '.length)
    expect(downloads()).toBeGreaterThan(0)
    await vi.waitFor(() => expect(workers()).toEqual([]), { timeout: 10_000 })

    faults.clear()
    const next = await say('And now?')
    expect(next).toMatchObject({ status: 'ready', error: null, model: 'ready' })
    expect(next.messages.slice(0, 2)).toEqual(failed.messages)
    expect(next.messages).toHaveLength(4)
    expect(downloads()).toBe(0)
  })

  it.each(cases)('in a load, because it %s: the next load works', async (fault, error) => {
    await open({ onnx: tiny, device: 'wasm', threads: 1, hangTimeout: 3000 })
    faults.set(fault, 'load' satisfies FaultMoment)
    expect(`${await browser.evaluate<string>('user.load()')}: injected for 3 s`).toMatch(error)
    await vi.waitFor(() => expect(workers()).toEqual([]), { timeout: 10_000 })
    faults.clear()
    downloads()
    expect((await say('Hello')).status).toBe('ready')
    expect(downloads()).toBe(0)
  })
})

describe('a GPU that is lost', () => {
  const gpu = { onnx: tiny, dtype: 'fp32', maxTokens: 12 }

  it('twice in answers: what was said stays, and the third turn runs on WASM and says so, without a download', async () => {
    // `auto` leaves GPUs alone that the CPU plays.
    await browser.page.evaluateOnNewDocument(`Object.defineProperty(GPUAdapterInfo.prototype, 'isFallbackAdapter', { get: () => false })`)
    await open({ ...gpu, device: 'auto' })
    faults.set('loses its GPU')
    for (const turn of [1, 2]) {
      const failed = await say(`Hello ${turn}`)
      expect(failed).toMatchObject({ status: 'error', error: expect.stringMatching(/^device-lost: The GPU was lost/) as string, interrupted: 'error' })
      expect(failed.messages).toHaveLength(2 * turn)
      expect(failed.messages.at(-1)!.length).toBeGreaterThan('assistant: '.length)
    }
    downloads()
    const next = await say('And now?')
    expect(next).toMatchObject({ status: 'ready', device: 'wasm', deviceReason: expect.stringContaining('WASM was taken') as string, warnings: ['device-lost'] })
    expect(next.messages).toHaveLength(6)
    expect(downloads()).toBe(0)
  })

  it.runIf(isLong)('once, where it was asked for by name: the next turn has a new device', async () => {
    await open({ ...gpu, device: 'webgpu' })
    faults.set('loses its GPU')
    expect((await say('Hello')).error).toMatch(/^device-lost/)
    faults.clear()
    expect(await say('And now?')).toMatchObject({ status: 'ready', device: 'webgpu', warnings: [] })
  })
})

describe('a stop', () => {
  it.each([
    ['the SIMD core', { onnx: tiny, device: 'wasm' }],
    ['ONNX Runtime on the CPU', { onnx: tiny, device: 'wasm', cpuBackend: 'onnxruntime' }],
    ...(isLong ? [['ONNX Runtime on the GPU', { onnx: tiny, device: 'webgpu', dtype: 'fp32' }] as const] : []),
    ['Transformers.js', { transformers: tiny, device: 'wasm' }],
  ] as const)('at any moment of a load or an answer leaves no worker behind and no broken one: %s', async (_, config) => {
    await open({ ...config, maxTokens: 200 })
    for (const ms of [0, 20, 60, 150, 300, 600, 1200]) {
      const status = await browser.evaluate<string>(`user.cutLoad(${ms})`)
      expect(['idle', 'ready']).toContain(status)
      if (status === 'idle') await vi.waitFor(() => expect(workers()).toEqual([]), { timeout: 10_000 })
    }
    expect(await browser.evaluate('user.load()')).toBeNull()
    const before = workers().length
    for (const ms of [0, 5, 20, 60, 150]) expect(await browser.evaluate(`user.cutAnswer(${ms})`)).toBe('ready')
    expect((await say('And now?')).messages).toHaveLength(2)
    expect(workers()).toHaveLength(before)
    await browser.evaluate('user.unload()')
    await vi.waitFor(() => expect(workers()).toEqual([]), { timeout: 10_000 })
  })

  /** Resident megabytes of the browser's processes for pages. */
  async function pageMB(): Promise<number> {
    const session = await browser.page.browser().target().createCDPSession()
    const { processInfo } = await session.send('SystemInfo.getProcessInfo')
    const ids = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
    const lines = execFileSync('ps', ['-o', 'rss=', '-p', ids.join(',')], { encoding: 'utf8' }).trim().split('\n')
    return lines.reduce((sum, line) => sum + Number(line) / 1024, 0)
  }

  /** The same when what is free has been given back: Chromium takes two seconds to end a thread that waits. */
  async function settledMB(): Promise<number> {
    await (await browser.page.createCDPSession()).send('HeapProfiler.collectGarbage')
    await new Promise((resolve) => setTimeout(resolve, 5000))
    return pageMB()
  }

  it.runIf(isLong)('gives memory back: ten stopped loads and ten stopped answers of the embedded model', async () => {
    await open({ onnx: '/models/function-caller', device: 'wasm', maxTokens: 200 })
    // What comes once and stays: code, caches of the browser.
    await say('Hello')
    await browser.evaluate('user.unload()')
    const empty = await settledMB()
    const stopped: string[] = []
    const stopLoads = async (first: number) => {
      for (let i = first; i < first + 5; i++) {
        stopped.push(await browser.evaluate<string>(`user.cutLoad(${100 + 150 * i})`))
        await browser.evaluate('user.unload()')
      }
      return settledMB()
    }
    const afterLoads = [await stopLoads(0), await stopLoads(5)]

    await say('Hello')
    const wasm = await browser.evaluate<number>('user.memory()')
    const loaded = await settledMB()
    for (let i = 0; i < 10; i++) await browser.evaluate(`user.cutAnswer(${50 + 100 * i})`)
    const afterAnswers = await settledMB()
    await say('Hello')
    const wasmAfter = await browser.evaluate<number>('user.memory()')
    await browser.evaluate('user.unload()')
    const end = await settledMB()
    const figures = { empty, afterLoads, loaded, afterAnswers, wasmMB: wasm / 2 ** 20, wasmAfterMB: wasmAfter / 2 ** 20, end }
    process.stdout.write(`Megabytes of the page: ${JSON.stringify(figures, (_key, value: unknown) => (typeof value === 'number' ? Math.round(value) : value))}; loads: ${stopped.join(', ')}\n`)

    expect(stopped.filter((status) => status === 'idle').length).toBeGreaterThan(2)
    // A model that stayed would be 80 MB and more.
    const noise = 40
    expect(loaded).toBeGreaterThan(empty + noise)
    expect(Math.max(...afterLoads)).toBeLessThan(empty + noise)
    expect(afterAnswers).toBeLessThan(loaded + noise)
    expect(wasmAfter - wasm).toBeLessThan(noise * 2 ** 20)
    expect(end).toBeLessThan(empty + noise)
  })
})

describe('a page in the background', () => {
  /** Writes for some seconds. */
  const slow = { onnx: '/models/smollm2-135m-instruct', device: 'wasm', hangTimeout: 2000, maxTokens: 120, threads: 1 }
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

  it('that is frozen in the middle of an answer for longer than a hang goes on with it', async () => {
    await open(slow)
    await browser.evaluate(`user.begin('Tell me a long story about the sea')`)
    const session = await browser.page.createCDPSession()
    await session.send('Page.setWebLifecycleState', { state: 'frozen' })
    await wait(6000)
    await session.send('Page.setWebLifecycleState', { state: 'active' })
    const ended = await browser.evaluate<Ended>('user.ended()')
    expect(await browser.evaluate('user.lifecycle')).toMatchObject({ frozen: 1, resumed: 1 })
    expect(ended).toMatchObject({ status: 'ready', error: null, model: 'ready' })
    const next = await say('And now?')
    expect(next).toMatchObject({ status: 'ready', error: null })
    expect(next.messages.slice(0, 2)).toEqual(ended.messages)
  })

  it('that another tab hides goes on with its answer', async () => {
    await open(slow)
    await browser.evaluate(`user.begin('Tell me a long story about the sea')`)
    const other = await browser.page.browser().newPage()
    await other.bringToFront()
    expect(await browser.evaluate<Ended>('user.ended()')).toMatchObject({ status: 'ready', error: null })
    await other.close()
  })

  it.each([
    ['when nothing runs', `user.say('Hello')`],
    ['in the middle of an answer', `user.begin('Tell me a long story about the sea')`],
  ])('that is left and comes back (bfcache) %s keeps its messages, and the next turn works', async (_, before) => {
    await open(slow)
    await browser.evaluate(before)
    await browser.goto(`${server.url}/elsewhere`)
    await wait(3000)
    // Not by the driver: it would wait for a load, and there is none.
    await browser.evaluate('setTimeout(() => history.back())')
    await vi.waitFor(async () => expect(await browser.evaluate('window.user?.lifecycle')).toMatchObject({ restored: 1 }), { timeout: 10_000, interval: 200 })
    const ended = await browser.evaluate<Ended>('user.ended()')
    expect(ended).toMatchObject({ status: 'ready', error: null, model: 'ready' })
    const next = await say('And now?')
    expect(next).toMatchObject({ status: 'ready', error: null })
    expect(next.messages).toHaveLength(4)
    expect(next.messages.slice(0, 2)).toEqual(ended.messages)
  })
})
