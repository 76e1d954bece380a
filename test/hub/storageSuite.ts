import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { clearStoredModels, listStoredModels } from '../../src/models/index.js'
import { isPatterned, patterned, readStored } from './patterned.js'
import type { ModelStorage } from '../../src/models/index.js'

/** What every storage has to do, wherever it runs. `open` gives one over the same place each time. */
export function describeStorage(name: string, open: () => Promise<ModelStorage>): void {
  describe(name, () => {
    const key = 'org/model@main'
    let storage: ModelStorage

    beforeEach(async () => {
      storage = await open()
      await clearStoredModels(undefined, { storage })
    })

    afterEach(async () => {
      await clearStoredModels(undefined, { storage })
    })

    it('has nothing at first', async () => {
      expect(await storage.match(key, 'config.json')).toBeUndefined()
      expect(await storage.list()).toEqual([])
      await expect(storage.delete(key)).resolves.toBeUndefined()
      await expect(storage.delete(key, 'config.json')).resolves.toBeUndefined()
    })

    it.each([0, 1, 65_537, 9_000_000])('gives %i bytes back as they were, also after it is opened again', async (size) => {
      await storage.put(key, 'onnx/model.onnx', patterned(size), { etag: 'v1' })
      const again = await open()
      expect(await again.match(key, 'onnx/model.onnx')).toMatchObject({ size, etag: 'v1' })
      const bytes = await readStored(again, key, 'onnx/model.onnx')
      expect(isPatterned(bytes, size)).toBe(true)
    })

    it('tells files apart by model, revision and path, with any character in them', async () => {
      const places: [string, string][] = [
        ['org/model@main', 'a.json'],
        ['org/model@refs/pr/1', 'a.json'],
        ['org_model@main', 'a.json'],
        ['org/model@main', 'onnx/a.json'],
        ['org/model@main', 'onnx%2Fa.json'],
        ['org/model@main', 'ü 100% #?.bin'],
      ]
      for (const [i, [at, path]] of places.entries()) await storage.put(at, path, patterned(10 + i, i))
      for (const [i, [at, path]] of places.entries()) expect(await readStored(storage, at, path)).toEqual(patterned(10 + i, i))
      const listed = (await storage.list()).map((entry) => [entry.key, entry.path, entry.size])
      expect(listed.sort()).toEqual(places.map(([at, path], i) => [at, path, 10 + i]).sort())
    })

    it('replaces a file, with its mark', async () => {
      await storage.put(key, 'x', patterned(5000, 1), { etag: 'v1' })
      await storage.put(key, 'x', patterned(20, 2))
      expect(await storage.match(key, 'x')).toMatchObject({ size: 20, etag: undefined })
      expect(await readStored(storage, key, 'x')).toEqual(patterned(20, 2))
      expect(await storage.list()).toEqual([{ key, path: 'x', size: 20 }])
    })

    it('shows readers the old file or the new one, never a mixture, while it is written', async () => {
      await storage.put(key, 'x', patterned(400_000, 0))
      let writing = true
      const writer = (async () => {
        for (let round = 1; round <= 5; round++) await storage.put(key, 'x', patterned(400_000 + round, round))
        writing = false
      })()
      let reads = 0
      while (writing) {
        const bytes = await readStored(storage, key, 'x').catch(() => undefined)
        if (!bytes) continue
        reads++
        expect(isPatterned(bytes, bytes.length, bytes.length - 400_000)).toBe(true)
      }
      await writer
      expect(reads).toBeGreaterThan(0)
      expect(isPatterned(await readStored(storage, key, 'x'), 400_005, 5)).toBe(true)
    })

    it('takes many files at once', async () => {
      await Promise.all(Array.from({ length: 12 }, (_, i) => storage.put(key, `f${i}`, patterned(1000 * i, i))))
      expect(await storage.list()).toHaveLength(12)
      expect(isPatterned(await readStored(storage, key, 'f11'), 11_000, 11)).toBe(true)
    })

    it('deletes one file, one model, all', async () => {
      await storage.put(key, 'a', patterned(3))
      await storage.put(key, 'b', patterned(4))
      await storage.put('org/model@main2', 'a', patterned(5))
      await storage.delete(key, 'a')
      expect(await storage.match(key, 'a')).toBeUndefined()
      expect(await listStoredModels({ storage })).toMatchObject([{ size: 4 }, { size: 5 }])
      await storage.delete(key)
      expect(await storage.list()).toEqual([{ key: 'org/model@main2', path: 'a', size: 5 }])
      await clearStoredModels(undefined, { storage })
      expect(await storage.list()).toEqual([])
    })
  })
}
