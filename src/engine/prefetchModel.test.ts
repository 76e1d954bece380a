import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { scriptedRuntime, workerHost } from '../../test/helpers/engine/workerHost.js'
import { startHub, type FakeHub } from '../../test/hub/server.js'
import { modelFolder, TemporaryFolder } from '../../test/hub/tinyModel.js'
import { fetchModel } from '../inference/fetchModel.js'
import { listStoredModels } from '../models/index.js'
import { NodeStorage } from '../models/node.js'
import { NoStorage } from '../models/storage/NoStorage.js'
import { loadModel, prefetchModel } from './loadModel.js'
import { prefetchSetup } from './storedModels.js'
import type { LoadProgress, ModelStorage } from '../models/index.js'
import type { PlatformHost } from './PlatformHost.js'
import type { LLMConfig } from './types.js'

let folder: TemporaryFolder
let hub: FakeHub
let storage: ModelStorage
let asked: number

beforeEach(async () => {
  asked = 0
  folder = await TemporaryFolder.create()
  storage = new NodeStorage(`${folder.path}/.storage`)
  await folder.write('org/model', modelFolder(200_000))
  hub = await startHub({ directory: folder.path })
})

afterEach(async () => {
  await hub.close()
  await folder.remove()
})

function setUp(): { host: PlatformHost; workers: { terminated: boolean }[] } {
  const { host, workers } = workerHost(
    () => async (request, onProgress) => {
      await fetchModel(request, { storage }, onProgress)
      return scriptedRuntime(() => Promise.resolve())
    },
    'wasm',
    () => Promise.resolve({ storage }),
  )
  return { host: { ...host, askToKeep: () => asked++ }, workers }
}

const config = (more: Partial<LLMConfig> = {}): LLMConfig => ({ models: { onnx: 'org/model' }, hubURL: hub.url, ...more })

async function prefetch(signal?: AbortSignal, onProgress: (progress: LoadProgress) => void = () => undefined) {
  const { host, workers } = setUp()
  await prefetchModel(host, await prefetchSetup(undefined, config()), onProgress, signal).finally(() => {
    expect(workers.every(({ terminated }) => terminated)).toBe(true)
  })
}

describe('prefetchModel', () => {
  it('stores what a load takes, in a worker that ends with it', async () => {
    const fractions: number[] = []
    await prefetch(undefined, ({ fraction }) => fractions.push(fraction))
    expect(fractions.at(-1)).toBe(1)
    expect(asked).toBe(1)
    expect(await listStoredModels({ storage })).toMatchObject([{ id: 'org/model', state: 'complete' }])
    hub.requests.length = 0
    const { host } = setUp()
    const { session, model } = await loadModel(host, await prefetchSetup(undefined, config()), () => undefined, new AbortController().signal)
    session.terminate(expect.anything() as never)
    expect(hub.requests).toEqual([])
    expect(model.warnings).toBeUndefined()
  })

  it('ends with an abort, at once', async () => {
    await expect(prefetch(AbortSignal.abort())).rejects.toMatchObject({ code: 'load-aborted' })
    const controller = new AbortController()
    await expect(prefetch(controller.signal, () => controller.abort())).rejects.toMatchObject({ code: 'load-aborted' })
  })

  it('rejects where nothing is kept, with the error of the worker', async () => {
    storage = new NoStorage()
    await expect(prefetch()).rejects.toMatchObject({ name: 'LLMError', code: 'storage', subject: 'org/model' })
  })

  it('takes the runtime that the config runs', async () => {
    expect(await prefetchSetup('org/other', {})).toMatchObject({ runtime: 'onnx', model: { id: 'org/other' } })
    expect(await prefetchSetup('org/other', { models: { transformers: 'org/a' } })).toMatchObject({ runtime: 'transformers', model: { id: 'org/other' } })
    await expect(prefetchSetup('org/other', { eviction: 'always' as never })).rejects.toMatchObject({ code: 'invalid-config', subject: 'eviction' })
  })
})

describe('loadModel', () => {
  it('tells of a model that cannot be kept, while it loads and when it is ready', async () => {
    storage = new NoStorage()
    const { host } = setUp()
    const seen: unknown[] = []
    const setup = await prefetchSetup(undefined, config())
    const { session, model } = await loadModel(host, setup, ({ warnings }) => seen.push(warnings?.[0]?.code), new AbortController().signal)
    session.terminate(expect.anything() as never)
    expect(model.warnings).toMatchObject([{ code: 'storage', subject: 'org/model' }])
    expect(seen).toContain('storage')
  })

  it('does not ask the browser to keep what is not stored', async () => {
    const { host } = setUp()
    const setup = await prefetchSetup(undefined, config({ storage: 'none' }))
    const { session, model } = await loadModel(host, setup, () => undefined, new AbortController().signal)
    session.terminate(expect.anything() as never)
    expect(asked).toBe(0)
    expect(model.id).toBe('test')
  })
})
