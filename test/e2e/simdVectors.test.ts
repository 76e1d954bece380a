import path from 'node:path'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findFirefox } from '../../scripts/lib/firefox.mjs'
import { findWebKit } from '../../scripts/lib/webkit.mjs'
import { openBrowser, type BrowserName, type DrivenBrowser } from '../helpers/browsers/index.js'
import { startServer, type TestServer } from '../helpers/server/startServer.js'
import type { VectorReport, VectorRequest } from '../helpers/simd/vectorsWorker.js'

const root = path.resolve(import.meta.dirname, '../..')
const outDir = path.join(root, '.cache/e2e/simd-vectors')

const browsers: { name: BrowserName; isHere: boolean; threads: number[] }[] = [
  { name: 'chromium', isHere: true, threads: [1, 2, 4] },
  { name: 'firefox', isHere: findFirefox() !== undefined, threads: [1, 2, 4] },
  // WebKitGTK has no shared memory.
  { name: 'webkit', isHere: findWebKit() !== undefined, threads: [1] },
]

beforeAll(async () => {
  await build({
    root: path.join(import.meta.dirname, 'pages/simd-vectors'),
    logLevel: 'error',
    worker: { format: 'es' },
    build: { outDir, emptyOutDir: true, target: 'es2022' },
  })
})

for (const { name, isHere, threads } of browsers) {
  describe.skipIf(!isHere)(`the SIMD core in ${name}`, () => {
    let server: TestServer
    let page: DrivenBrowser

    beforeAll(async () => {
      const folders = {
        '/': outDir,
        '/core/': path.join(root, 'dist/worker'),
        '/test/fixtures/': path.join(root, 'test/fixtures'),
        '/models/': path.join(root, 'models'),
      }
      server = await startServer({ folders, isolated: threads.length > 1 })
      page = await openBrowser(name)
      await page.goto(server.url)
      await page.waitFor('window.checkVectors !== undefined', 20_000)
    })

    afterAll(async () => {
      await page?.close()
      await server?.close()
    })

    it.each(threads)('gives the bits of the test vectors on %i threads', async (count) => {
      const request: VectorRequest = { core: `${server.url}/core/core.wasm`, root: `${server.url}/`, threads: count }
      const { differing, versions, ...report } = await page.evaluate<VectorReport>(`window.checkVectors(${JSON.stringify(request)})`)
      expect(report.threads).toBe(count)
      expect(versions.core).toBe(versions.vectors)
      expect(Object.keys(differing)).toContain('models/function-caller')
      expect(Object.entries(differing).filter(([, steps]) => steps.length > 0)).toEqual([])
    })
  })
}
