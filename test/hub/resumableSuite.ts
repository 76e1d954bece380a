import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { clearStoredModels } from '../../src/models/index.js'
import { ResumableStorage } from '../../src/models/storage/ResumableStorage.js'
import { isPatterned, patterned, readStored } from './patterned.js'
import type { ModelStorage } from '../../src/models/index.js'
import type { PartialFile } from '../../src/models/storage/PartialFile.js'

const key = 'org/model@main'
const path = 'onnx/model.onnx'
const size = 25_000
const file = { size, etag: 'v1', validator: '"v1"', pieceBytes: 10_000 }

/** What every storage has to do with files that arrive in pieces, wherever it runs. */
export function describeResumable(name: string, open: () => Promise<ModelStorage>): void {
  describe(`${name} in pieces`, () => {
    let inner: ModelStorage
    let storage: ResumableStorage

    const reopen = async (): Promise<ResumableStorage> => ResumableStorage.over(await open())

    beforeEach(async () => {
      inner = await open()
      storage = ResumableStorage.over(inner)
      await clearStoredModels(undefined, { storage })
    })

    afterEach(() => clearStoredModels(undefined, { storage }))

    async function append(partial: PartialFile, pieces: number, seed = 1): Promise<void> {
      const bytes = patterned(size, seed)
      for (let i = 0; i < pieces; i++) await partial.append(bytes.subarray(partial.length, partial.length + partial.nextSize))
    }

    it('goes on where it stopped, in another visit, and is a file with its last step', async () => {
      await append(await storage.begin(key, path, file), 2)
      const later = await reopen()
      expect(await later.match(key, path)).toBeUndefined()
      expect(await later.list()).toEqual([{ key, path, size: 20_000, total: size }])
      const partial = await later.resume(key, path)
      expect(partial).toMatchObject({ length: 20_000, nextSize: 5_000, record: { size, etag: 'v1', validator: '"v1"' } })
      expect(isPatterned(new Uint8Array(await new Response(partial?.stream()).arrayBuffer()).subarray(0, 7), 7)).toBe(true)
      if (!partial) throw new Error('nothing was kept')
      await append(partial, 1)
      expect(await later.match(key, path)).toBeUndefined()
      await later.commit(key, path, partial, 'the hash')
      const last = await reopen()
      expect(await last.match(key, path)).toMatchObject({ size, etag: 'v1', sha256: 'the hash' })
      expect(isPatterned(await readStored(last, key, path), size)).toBe(true)
      expect(await last.list()).toEqual([{ key, path, size, sha256: 'the hash' }])
      expect(await last.resume(key, path)).toBeUndefined()
    })

    it('replaces an older file, whole or in pieces, and leaves nothing of it', async () => {
      await storage.put(key, path, patterned(10))
      for (const seed of [2, 3]) {
        const partial = await storage.begin(key, path, file)
        await append(partial, 3, seed)
        await storage.commit(key, path, partial, undefined)
        expect(isPatterned(await readStored(storage, key, path), size, seed)).toBe(true)
        expect(await inner.list()).toHaveLength(4)
      }
      await storage.put(key, path, patterned(20, 4), { etag: 'v2', sha256: 'other' })
      expect(await storage.match(key, path)).toMatchObject({ size: 20, etag: 'v2', sha256: 'other' })
      expect(await inner.list()).toHaveLength(1)
    })

    it('shows the old file while a new one arrives', async () => {
      await storage.put(key, path, patterned(10), { etag: 'v0' })
      await append(await storage.begin(key, path, file), 3)
      expect(await (await reopen()).match(key, path)).toMatchObject({ size: 10, etag: 'v0' })
      expect(await storage.list()).toMatchObject([{ path, size: 10 }])
    })

    it('begins anew without what was there, and removes pieces that belong to nothing', async () => {
      await append(await storage.begin(key, path, file), 2)
      await inner.put(key, '.piece/forgotten/0', patterned(10))
      const partial = await storage.begin(key, path, { ...file, etag: 'v2' })
      expect(partial.length).toBe(0)
      expect((await inner.list()).map((entry) => entry.path)).toEqual([`.partial/${path}`])
    })

    it('counts only what is there from the beginning on', async () => {
      const partial = await storage.begin(key, path, file)
      await append(partial, 3)
      await inner.delete(key, `.piece/${partial.record.id}/1`)
      expect((await storage.resume(key, path))?.length).toBe(10_000)
      await storage.commit(key, path, partial, undefined)
      expect(await storage.match(key, path)).toBeUndefined()
      expect(await storage.list()).toEqual([{ key, path, size: 15_000, total: size }])
    })

    it('deletes what is there of a file', async () => {
      await append(await storage.begin(key, path, file), 2)
      await storage.delete(key, path)
      expect(await inner.list()).toEqual([])
      const partial = await storage.begin(key, path, file)
      await append(partial, 3)
      await storage.commit(key, path, partial, undefined)
      await storage.delete(key, path)
      expect(await inner.list()).toEqual([])
    })

    it('is not disturbed by records that nobody wrote', async () => {
      for (const record of ['', '{', '[]', '{"size":-1}', '{"size":1e15,"pieceBytes":1,"id":"x"}', '{"size":5,"pieceBytes":0,"id":"x"}']) {
        await inner.put(key, `.partial/${path}`, new TextEncoder().encode(record))
        await inner.put(key, `.whole/${path}`, new TextEncoder().encode(record))
        expect(await storage.resume(key, path)).toBeUndefined()
        expect(await storage.match(key, path)).toBeUndefined()
        expect(await storage.list()).toEqual([])
      }
      await clearStoredModels(undefined, { storage })
      expect(await inner.list()).toEqual([])
    })
  })
}
