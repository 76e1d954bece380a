import path from 'node:path'
import react from '@vitejs/plugin-react'
import { build } from 'vite'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { openPuppeteer, type PuppeteerBrowser } from '../helpers/browsers/index.js'
import { startServer, type TestServer } from '../helpers/server/startServer.js'

const root = path.resolve(import.meta.dirname, '../..')
const outDir = path.join(root, '.cache/e2e/mount-cycles')

let server: TestServer
let browser: PuppeteerBrowser

beforeAll(async () => {
  await build({
    root: path.join(import.meta.dirname, 'pages/mount-cycles'),
    logLevel: 'error',
    plugins: [react()],
    resolve: { alias: { 'react-edge-llm': path.join(root, 'dist/index.js') } },
    build: { outDir, emptyOutDir: true },
  })
  server = await startServer({ folders: { '/': outDir, '/models/': path.join(root, 'models') }, isolated: true })
  browser = await openPuppeteer('chromium')
  await browser.goto(server.url)
})

afterAll(async () => {
  await browser?.close()
  await server?.close()
})

it('50 mounts and unmounts in StrictMode leave no worker alive', async () => {
  let most = 0
  browser.page.on('workercreated', () => (most = Math.max(most, browser.page.workers().length)))

  for (let i = 0; i < 50; i++) {
    const until = (['mounted', 'downloading', 'ready'] as const)[i % 3]
    const reached = await browser.evaluate<string>(`window.cycle('${until}')`)
    if (until === 'ready') expect(reached).toBe('ready')
  }

  // Without a worker at any time the rest would prove nothing.
  expect(most).toBeGreaterThan(0)
  await vi.waitFor(() => expect(browser.page.workers()).toHaveLength(0), { timeout: 10_000 })
})
