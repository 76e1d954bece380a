import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import puppeteer, { type Browser, type Page } from 'puppeteer-core'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { chromiumFlags, findChromium } from '../../scripts/lib/chromium.mjs'
import { findFirefox } from '../../scripts/lib/firefox.mjs'
import { findWebKit } from '../../scripts/lib/webkit.mjs'
import { openBrowser, type BrowserName, type DrivenBrowser } from '../helpers/browsers/index.js'
import { describeDownloads } from '../helpers/downloads/describeDownloads.js'
import { drip, FaultHub, graphPath, holdAt } from '../helpers/downloads/FaultHub.js'
import { pageClient } from '../helpers/downloads/pageClient.js'
import { startServer, type TestServer } from '../helpers/server/startServer.js'
import type { DownloadClient } from '../helpers/downloads/DownloadClient.js'

const root = path.resolve(import.meta.dirname, '../..')
const outDir = path.join(root, '.cache/e2e/downloads')
const piece = 32 * 1024
/** Ten for the figures of docs/reliability.md: KILLS=10. */
const kills = Number(process.env.KILLS ?? 3)

let server: TestServer

beforeAll(async () => {
  await build({
    root: path.join(import.meta.dirname, 'pages/downloads'),
    logLevel: 'error',
    worker: { format: 'es' },
    build: { outDir, emptyOutDir: true, target: 'es2022' },
  })
  server = await startServer({ folders: { '/': outDir } })
})

afterAll(() => server?.close())

/** A page whose storage is the origin's, in a browser that is closed with the tests. */
function inBrowser(name: BrowserName, storages: ('opfs' | 'cache')[], options: Parameters<typeof describeDownloads>[1]): void {
  describe(name, () => {
    let page: DrivenBrowser

    beforeAll(async () => {
      page = await openBrowser(name)
      await page.goto(server.url)
      await page.waitFor('window.ask !== undefined', 20_000)
    })

    afterAll(() => page?.close())

    for (const storage of storages) describeDownloads(`${name} (${storage})`, options, () => pageClient(page, storage))
  })
}

inBrowser('chromium', ['opfs', 'cache'], { cuts: 5 })
describe.skipIf(findFirefox() === undefined)('Firefox', () => inBrowser('firefox', ['opfs'], { onlyCore: true, cuts: 3 }))
// No OPFS there.
describe.skipIf(findWebKit() === undefined)('WebKitGTK', () => inBrowser('webkit', ['cache'], { onlyCore: true, cuts: 3 }))

describe('two tabs', () => {
  let browser: Browser
  let hub: FaultHub

  beforeAll(async () => {
    browser = await puppeteer.launch({ executablePath: findChromium(), args: chromiumFlags, headless: true })
    hub = await FaultHub.start({ size: 1_000_000 })
  })

  afterAll(async () => {
    await browser?.close()
    await hub?.close()
  })

  it.each([false, true])('download once; the second one sees the progress, and goes on where the first one is closed (closed: %s)', async (isClosed) => {
    let release: () => void = () => undefined
    // The first tab's download cannot end before the second one has come.
    hub.fault = holdAt(600_000, new Promise<void>((resolve) => (release = resolve)))
    const [first, second] = await Promise.all([openTab(browser), openTab(browser)])
    await first.client.clear()
    hub.takeStarts()
    const leading = first.client.load({ hubURL: hub.url, ...patient }).catch(() => undefined)
    await first.page.waitForFunction('window.received > 0', { polling: 20 })
    const following = second.client.load({ hubURL: hub.url, ...patient })
    await stores(second.client, 500_000)
    expect(hub.takeStarts()).toEqual([0])
    hub.fault = undefined
    if (isClosed) await first.page.close()
    else release()
    const report = await following
    expect(report).toMatchObject({ sha256: hub.sha256, warnings: [], progress: { isMonotone: true, last: 1 } })
    if (isClosed) {
      const [start = 0] = hub.takeStarts()
      expect(start).toBeGreaterThan(0)
      expect(report.received).toBe(hub.size - start)
    } else {
      expect(await leading).toMatchObject({ sha256: hub.sha256 })
      expect(report.received).toBe(0)
      expect(hub.takeStarts()).toEqual([])
      await first.page.close()
    }
    await second.page.close()
  })
})

/** For bodies that a test holds back. */
const patient = { download: { stallMs: 60_000 } }

// What was received may still be on its way to storage.
async function stores(client: DownloadClient, bytes: number): Promise<void> {
  for (let size = 0; size < bytes; ) {
    const { model } = await client.stored()
    size = model?.files.find(({ path: name }) => name === graphPath)?.size ?? 0
  }
}

async function openTab(browser: Browser): Promise<{ page: Page; client: DownloadClient }> {
  const page = await browser.newPage()
  await page.goto(server.url)
  await page.waitForFunction('window.ask !== undefined')
  return { page, client: pageClient({ evaluate: <T>(expression: string) => page.evaluate(expression) as Promise<T> }, 'opfs') }
}

describe('a browser that is killed in the middle of a download', () => {
  let profile: string
  let hub: FaultHub

  beforeAll(async () => {
    profile = await mkdtemp(path.join(tmpdir(), 'killed-'))
    hub = await FaultHub.start({ size: 1_000_000 })
  })

  afterAll(async () => {
    await hub?.close()
    await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
  })

  async function start(): Promise<{ browser: Browser; page: Page; client: DownloadClient }> {
    const browser = await puppeteer.launch({ executablePath: findChromium(), args: chromiumFlags, userDataDir: profile, headless: true })
    return { browser, ...(await openTab(browser)) }
  }

  it(`goes on at the next start, ${kills} times, and the file is right`, async () => {
    let { browser, page, client } = await start()
    for (let round = 0; round < kills; round++) {
      hub.fault = drip(16_384, 10)
      const killAt = Math.random() * hub.size
      const load = client.load({ hubURL: hub.url }).catch(() => undefined)
      let received = 0
      while (received < killAt) received = Number(await page.evaluate('window.received ?? 0'))
      const { pid } = browser.process() ?? {}
      if (pid === undefined) throw new Error('The browser has no process')
      process.kill(pid, 'SIGKILL')
      await load
      hub.fault = undefined
      hub.takeStarts()
      ;({ browser, page, client } = await start())
      const context = `killed at ${received}`
      // The download runs on while the page is asked: it may have come to its end before the kill did.
      expect([undefined, hub.sha256], context).toContain((await client.stored()).sha256[graphPath])
      const report = await client.load({ hubURL: hub.url })
      expect(report, context).toMatchObject({ sha256: hub.sha256, warnings: [] })
      const kept = hub.size - report.received
      // A file that was there to its last byte is not asked for; no start is not a start at 0.
      expect(hub.takeStarts(), context).toEqual(kept === hub.size ? [] : [kept])
      // Behind the piece that was being filled, what has come and not been handed on yet.
      expect(received - kept, context).toBeLessThan(piece + 64 * 1024)
      expect((await client.stored()).sha256[graphPath]).toBe(hub.sha256)
      await client.clear()
    }
    await browser.close()
  })
})
