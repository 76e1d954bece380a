import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cdp } from 'vitest/browser'
import { clearStoredModels, openStorage } from '../../src/models/index.js'
import { isPatterned, patterned, readStored } from '../hub/patterned.js'
import { describeResumable } from '../hub/resumableSuite.js'
import { describeStorage } from '../hub/storageSuite.js'
import type { ModelStorage } from '../../src/models/index.js'

const key = 'org/model@main'

describeStorage('OpfsStorage', () => openStorage('opfs'))
describeResumable('OpfsStorage', () => openStorage('opfs'))
describeStorage('CacheApiStorage', () => openStorage('cache'))
describeResumable('CacheApiStorage', () => openStorage('cache'))

/** Runs `use` with parts of the browser taken away. */
async function without(parts: ('opfs' | 'caches')[], use: () => Promise<void>): Promise<void> {
  const getDirectory = navigator.storage.getDirectory
  const caches = Object.getOwnPropertyDescriptor(globalThis, 'caches')
  if (parts.includes('opfs')) navigator.storage.getDirectory = () => Promise.reject(new DOMException('private window', 'SecurityError'))
  if (parts.includes('caches')) Object.defineProperty(globalThis, 'caches', { value: undefined, configurable: true })
  try {
    await use()
  } finally {
    navigator.storage.getDirectory = getDirectory
    if (caches) Object.defineProperty(globalThis, 'caches', caches)
  }
}

describe('openStorage', () => {
  it('takes OPFS where it exists', async () => {
    expect((await openStorage()).name).toBe('opfs')
    expect((await openStorage('opfs')).name).toBe('opfs')
    expect((await openStorage('cache')).name).toBe('cache')
    expect((await openStorage('none')).name).toBe('none')
  })

  it('falls back to the Cache API, then to nothing', async () => {
    await without(['opfs'], async () => {
      expect((await openStorage()).name).toBe('cache')
      expect((await openStorage('opfs')).name).toBe('cache')
    })
    await without(['opfs', 'caches'], async () => {
      const storage = await openStorage()
      expect(storage.name).toBe('none')
      await storage.put(key, 'x', patterned(10))
      expect(await storage.match(key, 'x')).toBeUndefined()
    })
  })
})

describe('page and worker', () => {
  it('see the same files', async () => {
    const worker = new Worker(new URL('./storageWorker.ts', import.meta.url), { type: 'module' })
    const answer = new Promise((resolve) => {
      worker.onmessage = ({ data }) => resolve(data)
    })
    worker.postMessage(20_000_000)
    expect(await answer).toEqual({ name: 'opfs', length: 20_000_000, hasSyncAccess: true })
    worker.terminate()
    const storage = await openStorage('opfs')
    expect(await storage.match('org/worker@main', 'onnx/model.onnx')).toMatchObject({ size: 20_000_000, etag: 'w' })
    expect(isPatterned(await readStored(storage, 'org/worker@main', 'onnx/model.onnx'), 20_000_000)).toBe(true)
    await clearStoredModels('org/worker', { storage })
  })

  it('keep the old file when the worker is ended in the middle of writing', async () => {
    const storage = await openStorage('opfs')
    await storage.put('org/worker@main', 'onnx/model.onnx', patterned(1000), { etag: 'old' })
    for (const delay of [0, 5, 20, 60]) {
      const worker = new Worker(new URL('./storageWorker.ts', import.meta.url), { type: 'module' })
      worker.postMessage(60_000_000)
      await new Promise((resolve) => setTimeout(resolve, 150 + delay))
      worker.terminate()
      const file = await storage.match('org/worker@main', 'onnx/model.onnx')
      expect([1000, 60_000_000]).toContain(file?.size)
      expect((await readStored(storage, 'org/worker@main', 'onnx/model.onnx'))?.length).toBe(file?.size)
    }
    await clearStoredModels('org/worker', { storage })
  })
})

describe('OPFS after a writer died', () => {
  async function folderOf(): Promise<FileSystemDirectoryHandle> {
    const root = await (await navigator.storage.getDirectory()).getDirectoryHandle('react-edge-llm')
    return root.getDirectoryHandle(encodeURIComponent(key))
  }

  async function nameEndingIn(folder: FileSystemDirectoryHandle, suffix: string): Promise<string> {
    for await (const name of folder.keys()) if (name.endsWith(suffix)) return name
    throw new Error(`There is no *${suffix}`)
  }

  async function overwrite(folder: FileSystemDirectoryHandle, name: string, content: string): Promise<void> {
    const writable = await (await folder.getFileHandle(name)).createWritable()
    await writable.write(content)
    await writable.close()
  }

  let storage: ModelStorage

  beforeEach(async () => {
    storage = await openStorage('opfs')
    await storage.put(key, 'x', patterned(1000))
  })

  afterEach(() => clearStoredModels(undefined, { storage }))

  it.each<[string, (folder: FileSystemDirectoryHandle) => Promise<void>]>([
    ['data was cut', async (folder) => overwrite(folder, await nameEndingIn(folder, '.bin'), 'x'.repeat(999))],
    ['data is gone', async (folder) => folder.removeEntry(await nameEndingIn(folder, '.bin'))],
    ['record is gone', async (folder) => folder.removeEntry(await nameEndingIn(folder, '.json'))],
    ['record was cut', async (folder) => overwrite(folder, await nameEndingIn(folder, '.json'), '{"path":"x","si')],
  ])('sees no file where the %s', async (_what, damage) => {
    await damage(await folderOf())
    expect(await storage.match(key, 'x')).toBeUndefined()
    expect(await storage.list()).toEqual([])
    await storage.put(key, 'x', patterned(10))
    expect(await readStored(storage, key, 'x')).toEqual(patterned(10))
  })
})

describe.each(['opfs', 'cache'] as const)('%s without room', (preference) => {
  const setQuota = (quotaSize?: number): Promise<unknown> =>
    cdp().send('Storage.overrideQuotaForOrigin', { origin: location.origin, quotaSize })

  it('says quota-exceeded, keeps what it had, and takes files again later', async () => {
    const storage = await openStorage(preference)
    expect(storage.name).toBe(preference)
    await storage.put(key, 'x', patterned(1000), { etag: 'old' })
    try {
      // Chromium counts deleted files for a while.
      const { usage = 0 } = await navigator.storage.estimate()
      await setQuota(usage + 1_000_000)
      await expect(storage.put(key, 'x', patterned(30_000_000))).rejects.toMatchObject({
        code: 'quota-exceeded',
        recoverable: true,
        subject: 'x',
      })
      expect(await storage.match(key, 'x')).toMatchObject({ size: 1000, etag: 'old' })
      await setQuota()
      await storage.put(key, 'x', patterned(3_000_000))
      expect(isPatterned(await readStored(storage, key, 'x'), 3_000_000)).toBe(true)
    } finally {
      await setQuota()
      await clearStoredModels(undefined, { storage })
    }
  })
})
