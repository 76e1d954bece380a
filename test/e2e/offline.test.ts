import { mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findFirefox } from '../../scripts/lib/firefox.mjs'
import { openPuppeteer, type PuppeteerBrowser } from '../helpers/browsers/index.js'
import type { ServerOptions, TestServer } from '../helpers/server/startServer.js'
import { ask, builtExample, serveInstallable, waitForModel } from '../helpers/squareColor.js'

const minute = 60_000
const pictures = path.resolve(import.meta.dirname, '../../test-results/e2e')
mkdirSync(pictures, { recursive: true })

const notes = `document.querySelector('.notes').innerText`
const graph = /^\/models\/function-caller\/onnx\/.*\.onnx$/

/** What a request in the page comes to, and whether the service worker keeps the file from then on. */
function fetchInPage(file: string, init = ''): string {
  return `fetch('/models/function-caller/${file}'${init && `, ${init}`}).then((response) => response.blob().then(({ size }) => ({ status: response.status, size })))
    .catch(() => 'broken off')
    .then(async (outcome) => ({ outcome, isKept: (await caches.match('/models/function-caller/${file}')) !== undefined }))`
}

for (const name of ['chromium', 'firefox'] as const) {
  describe.skipIf(name === 'firefox' && findFirefox() === undefined)(`the installed example in ${name}`, () => {
    let page: PuppeteerBrowser
    let server: TestServer
    const overrides: NonNullable<ServerOptions['overrides']> = {}
    const errors: string[] = []
    const requestsFor = (pattern: RegExp) => server.requests.filter((request) => pattern.test(request))

    beforeAll(async () => {
      server = await serveInstallable({ overrides })
      page = await openPuppeteer(name)
      page.page.on('console', (message) => void (message.type() === 'error' && errors.push(message.text())))
      page.page.on('pageerror', (error) => void errors.push(String(error)))
      await page.goto(server.url)
      await page.waitFor(`navigator.serviceWorker.controller`, minute)
    })

    afterAll(async () => {
      await page?.close()
      await server?.close()
    })

    it('has the app and no part of a model before one is asked for', async () => {
      expect(requestsFor(/^\/models\//)).toEqual([])
      expect(requestsFor(/ort-wasm.*\.wasm$/)).toEqual([])
      const kept = await page.evaluate<string[]>(
        `caches.keys().then(([name]) => caches.open(name)).then((cache) => cache.keys()).then((keys) => keys.map(({ url }) => new URL(url).pathname))`,
      )
      for (const file of [/^\/$/, /onnx-wasm-.*\.js$/, /onnx-webgpu-.*\.js$/, /core-.*\.wasm$/, /grammar-.*\.mjs$/, /manifest\.webmanifest$/, /icon-192\.png$/]) {
        expect(kept).toContainEqual(expect.stringMatching(file))
      }
    })

    it('keeps a file of the model when the page has the whole of it, and only then', async () => {
      const file = 'tokenizer.json'
      const { length } = readFileSync(path.join(builtExample(), 'models/function-caller', file))
      const override = `/models/function-caller/${file}`
      overrides[override] = (_request, response) => {
        response.writeHead(200, { 'Content-Length': length })
        response.write(Buffer.alloc(100_000), () => response.destroy())
      }
      expect(await page.evaluate(fetchInPage(file))).toEqual({ outcome: 'broken off', isKept: false })
      overrides[override] = (_request, response) => void response.writeHead(200).end('another file')
      expect(await page.evaluate(fetchInPage(file))).toEqual({ outcome: { status: 200, size: 12 }, isKept: false })
      Reflect.deleteProperty(overrides, override)
      errors.length = 0

      expect(await page.evaluate(fetchInPage(file, `{ headers: { Range: 'bytes=5-' } }`))).toEqual({ outcome: { status: 206, size: length - 5 }, isKept: false })
      expect(await page.evaluate(fetchInPage(file))).toEqual({ outcome: { status: 200, size: length }, isKept: true })
      server.requests.length = 0
      const whole = { outcome: { status: 200, size: length }, isKept: true }
      expect(await page.evaluate(fetchInPage(file))).toEqual(whole)
      expect(await page.evaluate(fetchInPage(file, `{ headers: { Range: 'bytes=5-' } }`))).toEqual(whole)
      expect(server.requests).toEqual([])
    })

    it('says that it works offline when the model is loaded, which came once', async () => {
      const turn = await ask(page, 'Change the color to blue', 2 * minute)
      expect(turn).toMatchObject({ alerts: [], status: 'ready', square: 'blue square' })
      await page.waitFor(`${notes}.includes('Works offline')`, minute)
      expect(requestsFor(graph)).toHaveLength(1)
    })

    it('offers a new version, takes over what has not changed, and drops the old one', async () => {
      const source = readFileSync(path.join(builtExample(), 'sw.js'), 'utf8')
      overrides['/sw.js'] = (_request, response) =>
        void response.writeHead(200, { 'Content-Type': 'text/javascript' }).end(source.replace(/"version":"\w+","files"/, '"version":"next","files"'))
      server.requests.length = 0
      await page.evaluate(`navigator.serviceWorker.getRegistration().then((registration) => void registration.update())`)
      await page.waitFor(`${notes}.includes('Reload for the new version')`, minute)
      await Promise.all([page.page.waitForNavigation(), page.click({ role: 'button', name: 'Reload for the new version' })])
      await page.waitFor(`document.querySelector('.notes') && !${notes}.includes('new version')`, minute)
      expect(await page.evaluate(`caches.keys().then((names) => names.filter((name) => name.includes('-app-')))`)).toEqual(['square-color-app-next'])
      expect(requestsFor(/^\/(assets|models)\//)).toEqual([])
    })

    it('starts, loads and answers when the server is gone', async () => {
      await server.close()
      await expect(fetch(server.url)).rejects.toThrow()
      errors.length = 0
      await page.goto(server.url)
      if (name === 'chromium') await page.page.setOfflineMode(true)
      expect(await page.evaluate('crossOriginIsolated')).toBe(true)
      for (const [sentence, square] of [['Change the color to blue', 'blue square'], ['Make it red', 'red square']] as const) {
        const turn = await ask(page, sentence, 2 * minute)
        expect(turn).toMatchObject({ alerts: [], status: 'ready', square })
        expect(turn.calls).toMatchObject([{ name: 'set_square_color', state: 'output-available' }])
      }
      await waitForModel(page, minute)
      if (name === 'chromium') await page.waitFor(`${notes}.includes('You are offline. The model runs on this device.')`, minute)
      await page.screenshot(path.join(pictures, `${name}-offline.png`))
      expect(errors).toEqual([])
    })

    it('can be installed: manifest and icons are right, and kept', async () => {
      const icons = await page.evaluate<{ sizes: string; type: string; purpose?: string; drawn: string }[]>(`
        fetch(document.querySelector('link[rel=manifest]').href).then((response) => response.json()).then(({ icons }) =>
          Promise.all(icons.map(async (icon) => {
            const image = new Image()
            image.src = icon.src
            await image.decode()
            return { ...icon, drawn: image.naturalWidth + 'x' + image.naturalHeight }
          })))`)
      const pictures = icons.filter(({ type }) => type === 'image/png')
      expect(pictures.map(({ sizes }) => sizes)).toEqual(['192x192', '512x512', '512x512'])
      expect(pictures.map(({ drawn }) => drawn)).toEqual(pictures.map(({ sizes }) => sizes))
      expect(pictures.map(({ purpose }) => purpose)).toContain('maskable')
      if (name === 'firefox') return
      const devtools = await page.page.createCDPSession()
      expect(await devtools.send('Page.getAppManifest')).toMatchObject({ errors: [], url: `${server.url}/manifest.webmanifest` })
      expect(await devtools.send('Page.getInstallabilityErrors')).toEqual({ installabilityErrors: [] })
    })
  })
}
