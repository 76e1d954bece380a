import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openBrowser } from '../helpers/browsers/index.js'
import { serveModelsPage } from '../helpers/modelsPage.js'
import { startHub } from '../hub/server.js'
import { modelFolder, onnxGraph, TemporaryFolder } from '../hub/tinyModel.js'
import type { BrowserName, DrivenBrowser } from '../helpers/browsers/index.js'
import type { FakeHub } from '../hub/server.js'
import type { ModelsPage } from '../helpers/modelsPage.js'

const storageOf: Record<BrowserName, string> = { chromium: 'opfs', firefox: 'opfs', webkit: 'cache' }
const graphBytes = 2_000_000

/** What one load in the page came to. */
interface Outcome {
  code?: string
  storage?: string
  length?: number
  sum?: number
  phases?: string[]
  backwards?: boolean
  cached?: boolean
  listed?: number
}

function loadInPage(id: string, hubURL: string, hubToken?: string): string {
  return `(async () => {
    const storage = await models.openStorage('auto')
    const source = models.resolveModel(${JSON.stringify(id)}, {
      baseURL: location.href, hubURL: ${JSON.stringify(hubURL)}, hubToken: ${hubToken === undefined ? 'undefined' : JSON.stringify(hubToken)},
    })
    const phases = new Set()
    let fraction = 0
    let backwards = false
    try {
      const { graph } = await models.loadModelFiles(source, {
        device: 'wasm', adapterFeatures: [], storage,
        onProgress(event) { phases.add(event.phase); backwards ||= event.fraction < fraction; fraction = event.fraction },
      })
      return {
        storage: storage.name, length: graph.bytes.length, sum: graph.bytes.reduce((sum, byte) => sum + byte, 0),
        phases: [...phases], backwards,
        cached: await models.isCached(${JSON.stringify(id)}, { storage, hubURL: ${JSON.stringify(hubURL)} }),
        listed: (await models.listStoredModels({ storage })).length,
      }
    } catch (error) {
      return { code: error.code ?? String(error) }
    }
  })()`
}

describe.each(['chromium', 'firefox', 'webkit'] as const)('a Hub model in %s', (name) => {
  const graph = onnxGraph(graphBytes)
  const whole = { length: graph.length, sum: graph.reduce((sum, byte) => sum + byte, 0), storage: storageOf[name], backwards: false, cached: true }
  let folder: TemporaryFolder
  let hub: FakeHub
  let page: DrivenBrowser
  let app: ModelsPage

  beforeAll(async () => {
    folder = await TemporaryFolder.create()
    await folder.write('org/open', modelFolder(graphBytes))
    await folder.write('org/gated', modelFolder(graphBytes))
    hub = await startHub({ directory: folder.path, gated: { 'org/gated': 'hf_right' } })
    app = await serveModelsPage()
    page = await openBrowser(name)
    await page.goto(app.url)
  })

  afterAll(async () => {
    await page?.close()
    app?.close()
    await hub?.close()
    await folder?.remove()
  })

  it('comes over two origins, is kept, and needs no request on the next visit', async () => {
    const first = await page.evaluate<Outcome>(loadInPage('org/open', hub.url))
    expect(first).toMatchObject({ ...whole, listed: 1 })
    expect(first.phases).toEqual(['resolving', 'downloading', 'loading'])
    expect(hub.requests.filter(({ server }) => server === 'cdn')).toHaveLength(2)

    await page.goto(`${app.url}again`)
    hub.requests.length = 0
    const second = await page.evaluate<Outcome>(loadInPage('org/open', hub.url))
    expect(second).toMatchObject(whole)
    expect(second.phases).toEqual(['resolving', 'loading'])
    expect(hub.requests).toEqual([])
  })

  it('opens with the token, which never reaches the second origin', async () => {
    expect(await page.evaluate<Outcome>(loadInPage('org/gated', hub.url))).toEqual({ code: 'model-gated' })
    hub.requests.length = 0
    expect(await page.evaluate<Outcome>(loadInPage('org/gated', hub.url, 'hf_right'))).toMatchObject(whole)
    const cdn = hub.requests.filter(({ server }) => server === 'cdn')
    expect(cdn).toHaveLength(2)
    expect(cdn.every(({ authorization }) => authorization === undefined)).toBe(true)
  })

  it('has its own code for what is not there and for who is not there', async () => {
    expect(await page.evaluate<Outcome>(loadInPage('org/nothing', hub.url))).toEqual({ code: 'model-not-found' })
    expect(await page.evaluate<Outcome>(loadInPage('org/open', 'http://127.0.0.1:9'))).toEqual({ code: 'network' })
  })

  it('is cleared, alone and with all others', async () => {
    const listed = (clear: string): string =>
      `models.clearStoredModels(${clear}).then(() => models.listStoredModels()).then((found) => found.map(({ key }) => key))`
    expect(await page.evaluate(listed(`'org/open'`))).toEqual(['org/gated@main'])
    expect(await page.evaluate(listed(''))).toEqual([])
  })
})
