import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listStoredModels, loadModelFiles, prefetchModelFiles, resolveModel } from '../../src/models/index.js'
import { NodeStorage } from '../../src/models/node.js'
import { startHub, type FakeHub } from './server.js'
import { modelFolder, onnxGraph, TemporaryFolder } from './tinyModel.js'
import type { LoadFilesOptions, ModelSource } from '../../src/models/index.js'

const onWasm = { device: 'wasm', adapterFeatures: [] } as const
const graphBytes = onnxGraph(300_000).length

let folder: TemporaryFolder
let hub: FakeHub
let storage: NodeStorage
/** Room for everything: what a browser gives an origin, less what is stored. */
let quota: number

beforeEach(async () => {
  folder = await TemporaryFolder.create()
  storage = new NodeStorage(`${folder.path}/.storage`)
  quota = Infinity
  storage.room = async () => quota - (await storage.list()).reduce((sum, { size }) => sum + size, 0)
  for (const name of ['a', 'b', 'c']) await folder.write(`org/${name}`, modelFolder(300_000))
  hub = await startHub({ directory: folder.path })
})

afterEach(async () => {
  await hub.close()
  await folder.remove()
})

const source = (id: string): ModelSource => resolveModel(id, { baseURL: 'https://app.example/', hubURL: hub.url })
const ids = async (): Promise<string[]> => (await listStoredModels({ storage })).map(({ id }) => id)

async function prefetch(id: string, options: Partial<LoadFilesOptions> = {}): Promise<void> {
  await prefetchModelFiles(source(id), { ...onWasm, storage, ...options })
}

describe('prefetch', () => {
  it('downloads and stores, once, without more requests later', async () => {
    const fractions: number[] = []
    await prefetch('org/a', { onProgress: ({ fraction }) => fractions.push(fraction) })
    expect(fractions.at(-1)).toBe(1)
    expect(await listStoredModels({ storage })).toMatchObject([{ id: 'org/a', state: 'complete', lastUsed: expect.any(Number) as number }])
    hub.requests.length = 0
    await prefetch('org/a')
    expect((await loadModelFiles(source('org/a'), { ...onWasm, storage })).graph.bytes.length).toBe(graphBytes)
    expect(hub.requests).toEqual([])
  })

  it('can be ended, and goes on later', async () => {
    const controller = new AbortController()
    const onProgress: LoadFilesOptions['onProgress'] = ({ loaded }) => loaded > 100_000 && controller.abort()
    const download = { pieceBytes: 32_768 }
    await expect(prefetch('org/a', { signal: controller.signal, onProgress, download })).rejects.toMatchObject({ code: 'load-aborted' })
    await prefetch('org/a', { download })
    expect(await listStoredModels({ storage })).toMatchObject([{ state: 'complete' }])
  })

  it('refuses what cannot be kept', async () => {
    const { NoStorage } = await import('../../src/models/storage/NoStorage.js')
    await expect(prefetch('org/a', { storage: new NoStorage() })).rejects.toMatchObject({ code: 'storage', subject: 'org/a' })
    await expect(prefetch('./local')).rejects.toMatchObject({ code: 'invalid-config' })
    storage.put = () => Promise.reject(Object.assign(new Error('disk full'), { code: 'ENOSPC' }))
    await expect(prefetch('org/a')).rejects.toMatchObject({ code: 'quota-exceeded' })
  })
})

describe('where there is no room', () => {
  beforeEach(async () => {
    await prefetch('org/a')
    await new Promise((resolve) => setTimeout(resolve, 5))
    await prefetch('org/b')
    quota = 2.5 * graphBytes
  })

  it('says before any download how much is missing and what could go', async () => {
    hub.requests.length = 0
    await expect(prefetch('org/c')).rejects.toMatchObject({
      code: 'quota-exceeded',
      recoverable: true,
      subject: 'org/c@main',
      message: expect.stringMatching(/1 MB are missing\..*the longest unused first: org\/a \(1 MB\), org\/b \(1 MB\)/) as string,
    })
    expect(hub.requests.filter(({ path }) => path.includes('.onnx'))).toEqual([])
    expect(await ids()).toEqual(['org/a', 'org/b'])
  })

  it('loads from memory, with the same as a warning, and keeps nothing', async () => {
    const warnings: string[] = []
    const { graph } = await loadModelFiles(source('org/c'), { ...onWasm, storage, onWarning: ({ message }) => warnings.push(message) })
    expect(graph.bytes.length).toBe(graphBytes)
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain('org/a')
    expect(await ids()).toEqual(['org/a', 'org/b'])
  })

  it('removes the longest unused model where that is wished for', async () => {
    await new Promise((resolve) => setTimeout(resolve, 5))
    // A load from storage is a use: now b is the one that was not used for longer.
    await loadModelFiles(source('org/a'), { ...onWasm, storage })
    await prefetch('org/c', { mayEvict: true })
    expect(await ids()).toEqual(['org/a', 'org/c'])
  })

  it('removes nothing where that would not do', async () => {
    quota = graphBytes / 2
    await expect(prefetch('org/c', { mayEvict: true })).rejects.toMatchObject({ code: 'quota-exceeded' })
    expect(await ids()).toEqual(['org/a', 'org/b'])
  })
})
