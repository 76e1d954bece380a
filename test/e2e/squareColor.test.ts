import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findFirefox } from '../../scripts/lib/firefox.mjs'
import { findWebKit } from '../../scripts/lib/webkit.mjs'
import { openBrowser, type BrowserName, type DrivenBrowser } from '../helpers/browsers/index.js'
import type { TestServer } from '../helpers/server/startServer.js'
import { ask, serveSquareColor, waitForModel } from '../helpers/squareColor.js'

const minute = 60_000
const pictures = path.resolve(import.meta.dirname, '../../test-results/e2e')
mkdirSync(pictures, { recursive: true })

const browsers: { name: BrowserName; isHere: boolean; isolated: boolean }[] = [
  { name: 'chromium', isHere: true, isolated: false },
  { name: 'chromium', isHere: true, isolated: true },
  { name: 'firefox', isHere: findFirefox() !== undefined, isolated: false },
  { name: 'firefox', isHere: findFirefox() !== undefined, isolated: true },
  { name: 'webkit', isHere: findWebKit() !== undefined, isolated: false },
]

// The app with its embedded model, which no config names: three sentences of one conversation, three right calls.
// test/e2e/r05-report.mjs asks for more, and in more words.
for (const { name, isHere, isolated } of browsers) {
  describe.skipIf(!isHere)(`square-color in ${name}, ${isolated ? 'isolated' : 'plain headers'}`, () => {
    let server: TestServer
    let page: DrivenBrowser

    beforeAll(async () => {
      server = await serveSquareColor({ isolated })
      page = await openBrowser(name)
      await page.goto(server.url)
    })

    afterAll(async () => {
      await page?.screenshot(path.join(pictures, `${name}-${isolated ? 'isolated' : 'plain'}.png`))
      await page?.close()
      await server?.close()
    })

    it('shows a square and fetches no part of a model before one is asked for', async () => {
      await page.waitFor(`document.querySelector('[role=img]')`, minute)
      expect(await page.nameOf({ role: 'img', name: /square/ })).toMatch(/^(red|green|blue) square$/)
      expect(await page.evaluate('crossOriginIsolated')).toBe(isolated)
      expect(server.requests.filter((request) => request.startsWith('/models/') || request.endsWith('.wasm'))).toEqual([])
    })

    it('loads the model with the first message, and the square turns blue', async () => {
      const turn = await ask(page, 'Change the color to blue', 6 * minute)
      await waitForModel(page, minute)
      expect(turn).toMatchObject({ alerts: [], status: 'ready', square: 'blue square' })
      expect(turn.calls).toMatchObject([{ name: 'set_square_color', state: 'output-available' }])
      const models = server.requests.filter((request) => request.startsWith('/models/function-caller/'))
      expect(models).toEqual(expect.arrayContaining(['/models/function-caller/tokenizer.json', '/models/function-caller/onnx/model_q4.onnx']))
      // On the SIMD core, in every browser and with any headers: nothing of ONNX Runtime's is fetched.
      expect(server.requests.filter((request) => /core[^/]*\.wasm$/.test(request))).toHaveLength(1)
      expect(server.requests.filter((request) => /ort-wasm[^/]*\.wasm$/.test(request))).toEqual([])
      const threads = await page.evaluate<string>(`document.querySelector('.edge-llm-status').textContent`)
      // How many are fastest is measured.
      if (isolated) expect(threads).toMatch(/[1-4] threads?/)
      else expect(threads).toContain('1 thread')
      expect(await page.evaluate(`document.querySelector('.edge-llm-status').innerText`)).toContain('WASM')
    })

    it.each([
      ['What color is the square?', 'get_square_color', 'blue square'],
      ['Make it red', 'set_square_color', 'red square'],
    ])('“%s” calls %s, and there is a %s', async (sentence, name, square) => {
      const turn = await ask(page, sentence, 4 * minute)
      expect(turn).toMatchObject({ alerts: [], status: 'ready', square })
      expect(turn.calls).toMatchObject([{ name, state: 'output-available' }])
    })
  })
}

describe('square-color in chromium on WebGPU (software adapter), tiny model', () => {
  let server: TestServer
  let page: DrivenBrowser

  beforeAll(async () => {
    server = await serveSquareColor()
    page = await openBrowser('chromium')
    await page.goto(`${server.url}/?model=/models/smollm2-tiny&device=webgpu`)
  })

  afterAll(async () => {
    await page?.close()
    await server?.close()
  })

  // On this adapter a token takes a second, so the test reads the start of each answer and stops it.
  it.each(['Change the color to blue', 'What color is the square?', 'Make it red'])('streams an answer to “%s” and stops', async (sentence) => {
    await page.waitFor(`document.querySelector('textarea')`, minute)
    const turn = await ask(page, sentence, 4 * minute, { stopAfter: 10 })
    expect(turn.alerts).toEqual([])
    expect(turn.status).toBe('ready')
    expect(turn.text.trim()).not.toBe('')
    expect(await page.evaluate(`document.querySelector('.edge-llm-status').innerText`)).toContain('WebGPU')
  })
})
