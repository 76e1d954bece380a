import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { fetchModel, prefetchModel } from '../../src/inference/fetchModel.js'
import { clearStoredModels, isCached, listStoredModels } from '../../src/models/index.js'
import { NodeStorage } from '../../src/models/node.js'
import { startHub } from './server.js'
import { TemporaryFolder } from './tinyModel.js'
import type { LoadRequest } from '../../src/inference/types.js'
import type { FakeHub } from './server.js'

const fixture = join(import.meta.dirname, '../fixtures/simd/llama')
const names = ['config.json', 'generation_config.json', 'tokenizer.json', 'tokenizer_config.json', 'chat_template.jinja', 'manifest.json', 'onnx/model_q4.onnx']

let folder: TemporaryFolder
let hub: FakeHub
let storage: NodeStorage
/** Everything that was asked of anybody, with what went along. */
let asked: { url: URL; method: string; headers: string[]; body: unknown }[]

beforeEach(async () => {
  asked = []
  folder = await TemporaryFolder.create()
  storage = new NodeStorage(join(folder.path, '.storage'))
  await folder.write('org/model', Object.fromEntries(await Promise.all(names.map(async (name) => [name, await readFile(join(fixture, name))] as const))))
  hub = await startHub({ directory: folder.path })
  const { fetch } = globalThis
  vi.stubGlobal('fetch', (url: string, init: RequestInit = {}) => {
    asked.push({ url: new URL(url), method: init.method ?? 'GET', headers: Object.keys(init.headers ?? {}), body: init.body })
    return fetch(url, init)
  })
})

afterEach(async () => {
  vi.unstubAllGlobals()
  await hub.close()
  await folder.remove()
})

function request(more: Partial<LoadRequest> = {}): LoadRequest {
  return {
    ...{ runtime: 'onnx', model: { id: 'org/model' }, device: 'wasm', adapterFeatures: [], dtype: 'q4', storage: 'auto', baseURL: 'https://app.example/' },
    ...{ hubURL: hub.url, hubToken: undefined, threads: undefined, cpuBackend: 'auto' },
    ...more,
  }
}

it('a session with a Hub model asks the Hub for the model’s files, tells it nothing, and is silent once they are there', async () => {
  await prefetchModel(request(), { storage }, () => undefined)
  const files = asked.map(({ url }) => url)
  expect(files.every(({ origin }) => origin === hub.url)).toBe(true)
  expect(files.map(({ pathname }) => pathname).sort()).toEqual(
    ['/api/models/org/model/tree/main', ...names.map((name) => `/org/model/resolve/main/${name}`)].sort(),
  )
  expect(files.map(({ search }) => search).filter((search) => search !== '')).toEqual(['?recursive=true'])
  for (const { method, headers, body } of asked) expect({ method, headers, body }).toEqual({ method: 'GET', headers: [], body: undefined })
  // Where the Hub redirects to, as well.
  expect(hub.requests.every(({ authorization }) => authorization === undefined)).toBe(true)

  asked.length = 0
  const { codec } = await fetchModel(request(), { storage }, () => undefined)
  const secret = { role: 'user' as const, content: 'My diary' }
  const prompt = codec.encode({ messages: [secret] })
  codec.createOutput({ messages: [secret] }, prompt)
  await isCached('org/model', { storage, hubURL: hub.url })
  await listStoredModels({ storage })
  await clearStoredModels(undefined, { storage })
  expect(asked).toEqual([])
})

it('a session with a local model asks its own folder only', async () => {
  const root = `${hub.url}/org/model/resolve/main/`
  await fetchModel(request({ model: { id: root } }), { storage }, () => undefined)
  expect(asked.length).toBeGreaterThan(5)
  for (const { url, headers, body } of asked) {
    expect(url.href.startsWith(root)).toBe(true)
    expect({ headers, body }).toEqual({ headers: [], body: undefined })
  }
})
