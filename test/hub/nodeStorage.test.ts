import { readdir, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { NodeStorage } from '../../src/models/node.js'
import { patterned } from './patterned.js'
import { describeResumable } from './resumableSuite.js'
import { describeStorage } from './storageSuite.js'
import { TemporaryFolder } from './tinyModel.js'

let folder: TemporaryFolder

beforeAll(async () => {
  folder = await TemporaryFolder.create()
})

afterAll(() => folder.remove())

describeStorage('NodeStorage', async () => new NodeStorage(join(folder.path, 'suite')))
describeResumable('NodeStorage', async () => new NodeStorage(join(folder.path, 'suite')))

describe('NodeStorage after a writer died', () => {
  const key = 'org/model@main'

  async function stored(): Promise<{ storage: NodeStorage; at: string; data: string; record: string }> {
    const root = join(folder.path, 'faults')
    await rm(root, { recursive: true, force: true })
    const storage = new NodeStorage(root)
    await storage.put(key, 'x', patterned(1000))
    const at = join(root, encodeURIComponent(key))
    const names = await readdir(at)
    const data = names.find((name) => name.endsWith('.bin')) ?? ''
    const record = names.find((name) => name.endsWith('.json')) ?? ''
    return { storage, at, data: join(at, data), record: join(at, record) }
  }

  it.each([
    ['data was cut', ({ data }: { data: string }) => truncate(data, 999)],
    ['data is gone', ({ data }: { data: string }) => rm(data)],
    ['record is gone', ({ record }: { record: string }) => rm(record)],
    ['record was cut', ({ record }: { record: string }) => truncate(record, 20)],
    ['record is nonsense', ({ record }: { record: string }) => writeFile(record, '{"path":"x","size":"1000","data":1}')],
  ])('sees no file where the %s', async (_what, damage) => {
    const place = await stored()
    await damage(place)
    expect(await place.storage.match(key, 'x')).toBeUndefined()
    expect(await place.storage.list()).toEqual([])
    await place.storage.put(key, 'x', patterned(10))
    expect(await place.storage.match(key, 'x')).toMatchObject({ size: 10 })
  })

  it('leaves no data behind when the folder cannot be written', async () => {
    const { storage, at } = await stored()
    const unwritable = 'n'.repeat(300)
    await expect(storage.put(key, unwritable, patterned(10))).rejects.toMatchObject({ code: 'storage', subject: unwritable })
    expect(await readdir(at)).toHaveLength(2)
  })
})
