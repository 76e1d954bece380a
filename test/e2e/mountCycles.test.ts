import path from 'node:path'
import react from '@vitejs/plugin-react'
import { build } from 'vite'
import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { openPuppeteer, type PuppeteerBrowser } from '../helpers/browsers/index.js'
import { startServer, type TestServer } from '../helpers/server/startServer.js'

const root = path.resolve(import.meta.dirname, '../..')
const outDir = path.join(root, '.cache/e2e/mount-cycles')

let server: TestServer | undefined
let browser: PuppeteerBrowser | undefined

beforeAll(async () => {
  await build({
    root: path.join(import.meta.dirname, 'pages/mount-cycles'),
    logLevel: 'error',
    plugins: [react()],
    resolve: { alias: { 'react-edge-llm': path.join(root, 'dist/index.js') } },
    build: { outDir, emptyOutDir: true },
  })
})

afterEach(async () => {
  await browser?.close()
  await server?.close()
})

it.each([
  ['with threads', true],
  ['without shared memory', false],
])('50 mounts and unmounts in StrictMode leave no worker alive: %s', async (_, isolated) => {
  server = await startServer({ folders: { '/': outDir, '/models/': path.join(root, 'models') }, isolated })
  browser = await openPuppeteer('chromium')
  await browser.goto(server.url)
  const { page } = browser
  let most = 0
  page.on('workercreated', () => (most = Math.max(most, page.workers().length)))

  for (let i = 0; i < 50; i++) {
    const until = (['mounted', 'downloading', 'ready'] as const)[i % 3]
    const reached = await browser.evaluate<string>(`window.cycle('${until}')`)
    if (until === 'ready') expect(reached).toBe('ready')
  }

  // Without a worker at any time the rest would prove nothing.
  expect(most).toBeGreaterThan(0)
  await vi.waitFor(() => expect(page.workers()).toHaveLength(0), { timeout: 10_000 })
})
