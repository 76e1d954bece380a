import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SnapshotBackend } from '../../../test/helpers/SnapshotBackend.js'
import { LLMError } from '../../errors/index.js'
import { clearStoredModels, listStoredModels, PrefixStore, resolveModel, type ModelStorage } from '../../models/index.js'
import { NodeStorage } from '../../models/node.js'
import { PersistedPrefixes } from './PersistedPrefixes.js'
import { PrefixCache } from './PrefixCache.js'

const run = (length: number, seed: number) => Array.from({ length }, (_, i) => (i * 7 + seed * 13) % 97)
const system = run(100, 1)
const source = resolveModel('/models/m', { baseURL: 'https://localhost/' })

let folder: string
let storage: ModelStorage
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'edge-llm-prefix-'))
  storage = new NodeStorage(folder)
})
afterEach(() => rm(folder, { recursive: true }))

/** A visit: a new backend and a new cache over what is stored. */
function visit({ identity = 'model', writeAfterMs = 1_000_000, from = storage, memoryBytes = 1_000_000 } = {}) {
  const backend = new SnapshotBackend(true)
  const cache = new PrefixCache(backend, { chunk: 1, memoryBytes })
  const persisted = new PersistedPrefixes({ cache, snapshots: backend.snapshots, store: new PrefixStore(from, source), identity, writeAfterMs })
  const ask = async (user: number[], prefix = system) => {
    const prompt = [...prefix, ...user]
    await persisted.begin(prompt, prefix.length)
    const { tokens, from } = await cache.begin(prompt, prefix.length)
    const logits = await backend.feed(prompt.slice(tokens))
    cache.append(prompt.slice(tokens))
    persisted.end()
    return { reused: tokens, from, logits: [...logits] }
  }
  return { ask, persisted, backend, cache }
}

async function store(): Promise<void> {
  const { ask, persisted } = visit()
  await ask([1, 2, 3])
  await persisted.flush()
}

/** The data files that are stored, without the index. */
async function stored(): Promise<string[]> {
  const [model] = await readdir(folder)
  const files = await readdir(join(folder, model ?? '.'))
  const records = await Promise.all(files.filter((name) => /prefix.*[0-9a-f]{32}\.json$/.test(name)).map((name) => readFile(join(folder, model!, name), 'utf8')))
  return records.map((text) => join(folder, model!, (JSON.parse(text) as { data: string }).data))
}

describe('the prefix that conversations share', () => {
  it('is there after a reload, once for what it is stored for, and gives the same', async () => {
    const cold = await visit().ask([9, 8, 7])
    expect(cold).toMatchObject({ reused: 0, from: undefined })
    await store()
    const { ask } = visit()
    expect(await ask([9, 8, 7])).toEqual({ reused: 100, from: 'storage', logits: cold.logits })
    expect(await ask([5])).toMatchObject({ reused: 100, from: 'memory' })
    expect(await visit({ identity: 'another model' }).ask([1])).toMatchObject({ reused: 0 })
    expect(await visit().ask([1], run(100, 2))).toMatchObject({ reused: 0 })
    const early = visit()
    early.persisted.readAhead()
    expect(await early.ask([9, 8, 7])).toEqual({ reused: 100, from: 'storage', logits: cold.logits })
    const other = visit()
    other.persisted.readAhead()
    expect(await other.ask([1], run(100, 3))).toMatchObject({ reused: 0 })
    expect(await other.ask([1])).toMatchObject({ reused: 100, from: 'storage' })
    // Longer than what is stored: another prefix.
    expect(await visit().ask([1], [...system, 1])).toMatchObject({ reused: 0 })
  })

  it('is written once, after the answer, when no other request has come', async () => {
    const { ask } = visit({ writeAfterMs: 40 })
    await ask([1])
    expect(await stored()).toEqual([])
    await new Promise((resolve) => setTimeout(resolve, 20))
    await ask([2])
    await new Promise((resolve) => setTimeout(resolve, 25))
    expect(await stored()).toEqual([])
    await expect.poll(stored).toHaveLength(1)
    const [file] = await stored()
    await ask([3])
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(await stored()).toEqual([file])
  })

  it('is not written where it is short, or was never computed', async () => {
    const { ask, persisted } = visit()
    await ask([1, 2], run(50, 3))
    await persisted.flush()
    await persisted.begin([...system, 1], 100)
    persisted.end()
    await persisted.flush()
    expect(await stored()).toEqual([])
  })

  it.each([
    ['cut', (file: string) => truncate(file, 300)],
    ['empty', (file: string) => truncate(file, 0)],
    ['another file', (file: string) => writeFile(file, 'x'.repeat(840))],
    [
      'changed in one bit',
      async (file: string) => {
        const bytes = await readFile(file)
        bytes[500]! ^= 1
        await writeFile(file, bytes)
      },
    ],
  ])('is computed and written anew where the file is %s', async (_what, damage) => {
    const cold = await visit().ask([4])
    await store()
    for (const file of await stored()) await damage(file)
    const { ask, persisted } = visit()
    expect(await ask([4])).toEqual(cold)
    await persisted.flush()
    expect(await visit().ask([4])).toMatchObject({ reused: 100, from: 'storage' })
    expect(await stored()).toHaveLength(1)
  })

  it.each<[string, Partial<ModelStorage>]>([
    ['put', { put: () => Promise.reject(new LLMError({ code: 'quota-exceeded', message: 'There is no room left.' })) }],
    ['match', { match: () => Promise.reject(new DOMException('The folder is locked', 'NoModificationAllowedError')) }],
    ['list', { list: () => Promise.reject(new Error('EACCES')) }],
    ['stream', { match: () => Promise.resolve({ size: 10, etag: undefined, stream: () => new ReadableStream({ start: (reader) => reader.error(new Error('EIO')) }) }) }],
  ])('is nobody’s error where the storage fails: %s', async (_what, fault) => {
    const cold = await visit().ask([4])
    const from = Object.assign(Object.create(storage) as ModelStorage, fault)
    const { ask, persisted } = visit({ from })
    persisted.readAhead()
    expect(await ask([4])).toEqual(cold)
    await persisted.flush()
    expect(await ask([5])).toMatchObject({ reused: 100, from: 'memory' })
  })

  it('is computed where there is no memory to bring it into', async () => {
    await store()
    const cold = await visit({ identity: 'x' }).ask([4])
    const { ask, backend, persisted } = visit()
    const { fromImage } = backend.snapshots
    backend.snapshots.fromImage = () => {
      throw new LLMError({ code: 'out-of-memory', message: 'There is no memory.' })
    }
    expect(await ask([4])).toEqual(cold)
    await persisted.flush()
    backend.snapshots.fromImage = fromImage
    expect(await visit().ask([4])).toMatchObject({ from: 'storage' })
  })

  it('goes with the model, and is no model itself', async () => {
    await store()
    expect(await listStoredModels({ storage })).toEqual([])
    await clearStoredModels('/models/other', { storage })
    expect(await stored()).toHaveLength(1)
    await clearStoredModels('/models/m', { storage })
    expect(await readdir(folder)).toEqual([])
    await store()
    await clearStoredModels(undefined, { storage })
    expect(await readdir(folder)).toEqual([])
  })
})
