import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findFirefox } from '../../scripts/lib/firefox.mjs'
import { findWebKit } from '../../scripts/lib/webkit.mjs'
import { openBrowser } from '../helpers/browsers/index.js'
import { serveModelsPage } from '../helpers/modelsPage.js'
import { startHub } from '../hub/server.js'
import { modelFolder, TemporaryFolder } from '../hub/tinyModel.js'
import type { BrowserName, DrivenBrowser } from '../helpers/browsers/index.js'
import type { ModelsPage } from '../helpers/modelsPage.js'
import type { FakeHub, HubOptions } from '../hub/server.js'

const isThere: Record<BrowserName, boolean> = { chromium: true, firefox: findFirefox() !== undefined, webkit: findWebKit() !== undefined }

/** Loads a model in the page and gives the error. */
function errorOf(id: string, hubURL: string): string {
  return `models.loadModelFiles(models.resolveModel(${JSON.stringify(id)}, { baseURL: location.href, hubURL: ${JSON.stringify(hubURL)} }), {
    device: 'wasm', adapterFeatures: [], download: { backoffMs: 1, retries: 2 },
  }).then(() => 'loads', ({ code, message, subject }) => ({ code, message, subject }))`
}

describe.each((['chromium', 'firefox', 'webkit'] as const).filter((name) => isThere[name]))('CORS in %s', (name) => {
  let folder: TemporaryFolder
  let page: DrivenBrowser
  let app: ModelsPage
  let hub: FakeHub

  beforeAll(async () => {
    folder = await TemporaryFolder.create()
    await folder.write('org/model', modelFolder())
    app = await serveModelsPage()
    page = await openBrowser(name)
    await page.goto(app.url)
  })

  afterEach(() => hub?.close())

  afterAll(async () => {
    await page?.close()
    app?.close()
    await folder?.remove()
  })

  async function load(id: (hub: FakeHub) => string, options: Omit<HubOptions, 'directory'>): Promise<unknown> {
    hub = await startHub({ directory: folder.path, ...options })
    return page.evaluate(errorOf(id(hub), hub.url))
  }

  const asHub = (): string => 'org/model'
  const asPath = ({ url }: FakeHub): string => `${url}/org/model/resolve/main`

  it.each([
    ['a Hub id', asHub],
    ['a path on another origin', asPath],
  ])('%s: loads with it, is cors-blocked without it, also where only the redirect’s target lacks it', async (_what, id) => {
    expect(await load(id, {})).toBe('loads')
    await hub.close()
    const blocked = { code: 'cors-blocked', message: expect.stringContaining(`pages of ${new URL(app.url).origin}`) as string, subject: expect.stringContaining('http') as string }
    expect(await load(id, { withoutCORS: ['hub', 'cdn'] })).toMatchObject(blocked)
    // The sign of life asks for nothing that would show who asks.
    expect(hub.requests.every(({ authorization }) => authorization === undefined)).toBe(true)
    await hub.close()
    expect(await load(id, { withoutCORS: ['cdn'] })).toMatchObject(blocked)
  })

  it('connections that are reset are no matter of CORS', async () => {
    const reset: HubOptions['intercept'] = (request) => {
      request.socket.resetAndDestroy()
      return true
    }
    expect(await load(asHub, { intercept: reset })).toMatchObject({ code: 'network' })
    await hub.close()
    expect(await load(asPath, { intercept: reset })).toMatchObject({ code: 'network' })
  })
})
