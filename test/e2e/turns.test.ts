import path from 'node:path'
import react from '@vitejs/plugin-react'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findFirefox } from '../../scripts/lib/firefox.mjs'
import { openBrowser, type DrivenBrowser } from '../helpers/browsers/index.js'
import { startServer, type TestServer } from '../helpers/server/startServer.js'

// The whole way of a message through the built package, real model included. The cases are in the page, so that they
// run without this test as well: docs/performance.md, "On a real GPU".
const root = path.resolve(import.meta.dirname, '../..')
const outDir = path.join(root, '.cache/e2e/turns')

const names = [
  'stop while the model loads',
  'stop while the prompt is read',
  'stop while a call is written',
  'stop while a handler runs',
  'stop while the user is asked',
  'one call, and an answer to its result',
  'calls side by side',
  'the result of a call in the next one',
  'no tool applies',
  'a call that the user allows',
  'a call that the user denies',
  'a handler that throws',
  'a handler that never returns',
  'how sure the model was',
]

let server: TestServer
beforeAll(async () => {
  await build({
    root: path.join(import.meta.dirname, 'pages/turns'),
    configFile: false,
    logLevel: 'error',
    plugins: [react()],
    resolve: { alias: { 'react-edge-llm': path.join(root, 'dist/index.js') } },
    build: { outDir, emptyOutDir: true },
  })
  server = await startServer({ folders: { '/': outDir, '/models/': path.join(root, 'models') }, isolated: true })
})
afterAll(() => server?.close())

// On a GPU that the CPU plays, the real model takes seconds a token: there one with random weights has to call by force,
// and still takes seconds a case, so that each way a turn can end is there once.
const onGPU = [
  'stop while a call is written',
  'stop while the user is asked',
  'one call, and an answer to its result',
  'a call that the user allows',
  'a handler that throws',
  'how sure the model was',
]

const runs = [
  { browser: 'chromium', on: 'WASM', query: 'model=/models/function-caller&device=wasm', isHere: true, played: names },
  { browser: 'firefox', on: 'WASM', query: 'model=/models/function-caller&device=wasm', isHere: findFirefox() !== undefined, played: names },
  { browser: 'chromium', on: 'WebGPU', query: 'model=/models/smollm2-tiny&device=webgpu&dtype=fp32', isHere: true, played: onGPU },
] as const

for (const { browser, on, query, isHere, played } of runs) {
  describe.skipIf(!isHere)(`${browser} on ${on}`, () => {
    let page: DrivenBrowser
    beforeAll(async () => {
      page = await openBrowser(browser)
      await page.goto(`${server.url}/?${query}`)
      await page.waitFor('window.caseNames', 20_000)
    })
    afterAll(() => page?.close())

    it('has all cases', async () => {
      expect(await page.evaluate('window.caseNames')).toEqual(names)
    })

    it.each(played)('%s', async (name) => {
      // Null, because an undefined value does not pass all drivers alike.
      expect(await page.evaluate(`window.runCase(${JSON.stringify(name)}).then((wrong) => wrong ?? null)`)).toBeNull()
    })
  })
}
