import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { resolveModel } from '../resolveModel.js'
import { NodeStorage } from './NodeStorage.js'
import { NoStorage } from './NoStorage.js'
import { PrefixStore } from './PrefixStore.js'
import { clearStoredModels, listStoredModels } from './storedModels.js'

const hub = resolveModel('org/model', { baseURL: 'https://localhost/' })

let folder: string
let storage: NodeStorage
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edge-llm-store-'))
  storage = new NodeStorage(folder)
})
afterEach(() => rm(folder, { recursive: true }))

const found = async (store: PrefixStore, names: string[]) => {
  const files = await Promise.all(names.map((name) => store.read(name)))
  return names.filter((_, i) => files[i] !== undefined)
}

it('lies beside the model’s files and goes with them', async () => {
  await storage.put(hub.key, 'config.json', Uint8Array.of(1, 2))
  const store = new PrefixStore(storage, hub)
  expect(await store.write('a', Uint8Array.of(7, 8, 9))).toBe(true)
  expect(await store.read('a')).toEqual(Uint8Array.of(7, 8, 9))
  expect(await store.read('b')).toBeUndefined()
  expect(await readdir(folder)).toHaveLength(1)
  expect(await listStoredModels({ storage })).toMatchObject([{ key: hub.key, files: [{ path: 'config.json' }], size: 2 }])
  await store.delete('a')
  await store.delete('a')
  expect(await store.read('a')).toBeUndefined()
  await store.write('a', Uint8Array.of(1))
  await clearStoredModels('org/model', { storage })
  expect(await store.read('a')).toBeUndefined()
})

it('gives room to new files by deleting the oldest', async () => {
  const store = new PrefixStore(storage, hub, 64)
  const file = (size: number) => new Uint8Array(size)
  for (const name of ['a', 'b', 'c']) expect(await store.write(name, file(20))).toBe(true)
  expect(await found(store, ['a', 'b', 'c'])).toEqual(['a', 'b', 'c'])
  // Written again, it is the newest.
  await store.write('a', file(20))
  await store.write('d', file(10))
  expect(await found(store, ['a', 'b', 'c', 'd'])).toEqual(['a', 'c', 'd'])
  expect((await store.newest())?.name).toBe('d')
  expect(await store.write('e', file(65))).toBe(false)
  expect(await found(store, ['a', 'c', 'd', 'e'])).toEqual(['a', 'c', 'd'])
  await store.write('f', file(64))
  expect(await found(store, ['a', 'c', 'd', 'f'])).toEqual(['f'])
})

it('deletes what its index does not know, and does without an index', async () => {
  const store = new PrefixStore(storage, hub)
  await store.write('a', new Uint8Array(10))
  await storage.put(hub.key, '.prefix/index.json', new TextEncoder().encode('{"a"'))
  await store.write('b', new Uint8Array(10))
  expect(await found(store, ['a', 'b'])).toEqual(['b'])
})

it('keeps nothing without a storage', async () => {
  const store = new PrefixStore(new NoStorage(), hub)
  expect(store.isKept).toBe(false)
  expect(await store.write('a', new Uint8Array(1))).toBe(false)
  expect(await store.read('a')).toBeUndefined()
})

it('has one place for models of blob URLs, which are new in every visit', async () => {
  const of = (id: string) => new PrefixStore(storage, resolveModel(id, { baseURL: 'https://localhost/' }))
  await of('blob:https://localhost/1').write('a', Uint8Array.of(1))
  expect(await of('blob:https://localhost/2').read('a')).toEqual(Uint8Array.of(1))
  expect(await of('/models/m').read('a')).toBeUndefined()
})
