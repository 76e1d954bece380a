import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser, type DrivenBrowser } from '../helpers/browsers/index.js'
import type { ServerOptions } from '../helpers/server/startServer.js'
import { serveSquareColor } from '../helpers/squareColor.js'

const html = '<!doctype html><title>My app</title><div id="root"></div>'

/** What a server can do wrong with the example's model, and the code that the page must show. */
const faults: { what: string; code: string; overrides: NonNullable<ServerOptions['overrides']> }[] = [
  {
    what: 'nothing at the path',
    code: 'model-not-found',
    overrides: { '/models/': (_request, response) => response.writeHead(404).end() },
  },
  {
    what: 'an app page in place of every file, with status 200',
    code: 'model-html-response',
    overrides: { '/models/': (_request, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end(html) },
  },
  {
    what: 'a line that breaks',
    code: 'network',
    overrides: { '/models/': (request) => request.socket.destroy() },
  },
]

describe('a model that cannot be loaded, in Chromium', () => {
  let page: DrivenBrowser

  beforeAll(async () => {
    page = await openBrowser('chromium')
  })
  afterAll(() => page?.close())

  it.each(faults)('$what: $code', async ({ code, overrides }) => {
    const server = await serveSquareColor({ overrides })
    try {
      await page.goto(server.url)
      await page.waitFor(`document.querySelector('textarea')`, 60_000)
      await page.fill({ role: 'textbox', name: 'Message' }, 'Make it red')
      await page.click({ role: 'button', name: 'Send' })
      await page.waitFor(`document.querySelector('[role=alert]')`, 60_000)
      expect(await page.evaluate(`document.querySelector('[role=alert]').innerText`)).toContain(code)
    } finally {
      await server.close()
    }
  })
})
