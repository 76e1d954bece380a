import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findFirefox } from '../../scripts/lib/firefox.mjs'
import type { GenerateRequest, LLMConfig } from '../../src/engine/index.js'
import { openBrowser, type DrivenBrowser } from '../helpers/browsers/index.js'
import { cutAt, FaultHub, flip, inTurn } from '../helpers/downloads/FaultHub.js'
import { modelFolder, type TestModel } from '../helpers/embeddedModel.js'
import { buildEnginePage, visit } from '../helpers/enginePage.js'
import { startServer, type TestServer } from '../helpers/server/startServer.js'

const request: GenerateRequest = {
  messages: [{ role: 'user', content: 'Turn the light in the kitchen on, please.' }],
  tools: [
    {
      name: 'set_light',
      description: 'Turn a light on or off',
      inputSchema: { type: 'object', properties: { room: { type: 'string' }, on: { type: 'boolean' } }, required: ['room', 'on'] },
    },
  ],
  maxTokens: 32,
}

let folder: string

beforeAll(async () => {
  folder = await buildEnginePage()
})

let server: TestServer | undefined
let hub: FaultHub | undefined
let page: DrivenBrowser | undefined

afterEach(async () => {
  await server?.close()
  await hub?.close()
  server = hub = undefined
})

afterAll(() => page?.close())

/** A fresh browser with the page, and a Hub with a real model. */
async function open(name: 'chromium' | 'firefox', model: TestModel, config: LLMConfig, graph = 'onnx/model_q4.onnx') {
  await page?.close()
  hub = await FaultHub.start({ model: { folder: modelFolder(model), graph } })
  // The app's own files are kept by the browser, as with a service worker.
  server = await startServer({ folders: { '/': folder }, isolated: true, headers: { 'Cache-Control': 'max-age=3600' } })
  page = await openBrowser(name)
  await page.goto(`${server.url}/`)
  await page.waitFor('window.visit !== undefined', 20_000)
  return { hub, server, page, config: { models: { onnx: 'org/model' }, hubURL: hub.url, device: 'wasm', ...config } satisfies LLMConfig }
}

describe.each([
  ['chromium', 'simd', 'model_q4.onnx'],
  ['chromium', 'onnxruntime', 'model_quantized.onnx'],
  ['firefox', 'simd', 'model_q4.onnx'],
] as const)('a stored Hub model in %s on %s', (name, cpuBackend, graph) => {
  it.skipIf(name === 'firefox' && findFirefox() === undefined)('loads and answers with every server gone', async () => {
    const dtype = cpuBackend === 'simd' ? 'q4' : 'q8'
    const { config, page, hub, server } = await open(name, 'smollm2-tiny', { cpuBackend, dtype }, `onnx/${graph}`)
    const online = await visit(page, config, request)
    expect(online.error).toBeUndefined()
    expect(online.tokenIds?.length).toBeGreaterThan(0)
    expect(online.phases).toContain('downloading')
    await page.evaluate('window.leave()')
    await server.close()
    await hub.close()

    const offline = await visit(page, config, request)
    expect(offline).toMatchObject({ warnings: [], backend: online.backend, tokenIds: online.tokenIds })
    expect(offline.phases).not.toContain('downloading')
  })
})

describe('the embedded model over a bad line', () => {
  it('answers as after an undisturbed load, cut twice and with a byte damaged on the way', async () => {
    const { config, page, hub } = await open('chromium', 'function-caller', { cpuBackend: 'simd', dtype: 'q4' })
    const undisturbed = await visit(page, config, request)
    expect(undisturbed).toMatchObject({ warnings: [], backend: 'simd' })
    expect(undisturbed.tokenIds?.length).toBeGreaterThan(5)
    expect(hub.takeStarts()).toEqual([0])
    await page.evaluate('window.leave()')
    await page.evaluate('window.forget()')

    // The last of the three goes on to the end, so that the damage is found by the hash alone.
    hub.fault = inTurn(cutAt(20_000_001), cutAt(61_234_567), flip(80_000_000), undefined)
    const disturbed = await visit(page, config, request)
    expect(disturbed).toMatchObject({ warnings: [], tokenIds: undisturbed.tokenIds })
    const [first, second = 0, third = 0, again, ...more] = hub.takeStarts()
    expect([first, again, more]).toEqual([0, 0, []])
    // What was still on its way to the page when the line was cut is asked for again.
    expect(second).toBeGreaterThan(0)
    expect(third).toBeGreaterThan(second)
    await page.evaluate('window.leave()')

    // And what was stored is the right file.
    await hub.close()
    expect(await visit(page, config, request)).toMatchObject({ warnings: [], tokenIds: undisturbed.tokenIds })
  })
})
