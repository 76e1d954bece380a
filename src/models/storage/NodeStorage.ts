import { createReadStream } from 'node:fs'
import { mkdir, readFile, readdir, rename, rm, stat, statfs, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { storageError } from './storageErrors.js'
import { isRecordName, newDataName, parseRecord, recordName } from './StoredRecord.js'
import type { StoredRecord } from './StoredRecord.js'
import type { ModelStorage, PutOptions, StoredEntry, StoredFile } from './ModelStorage.js'

/** Keeps models in a folder on disk, one folder a model. For Node only. */
export class NodeStorage implements ModelStorage {
  readonly name = 'disk'
  readonly #root: string

  /** @param root Default: `react-edge-llm` in the user's cache folder. */
  constructor(root: string = defaultCacheFolder()) {
    this.#root = root
  }

  async match(key: string, path: string): Promise<StoredFile | undefined> {
    const folder = this.#modelFolder(key)
    const record = await readRecord(folder, recordName(path))
    return record && dataOf(folder, record)
  }

  async put(key: string, path: string, bytes: Uint8Array, options: PutOptions = {}): Promise<void> {
    const folder = this.#modelFolder(key)
    const record: StoredRecord = { path, size: bytes.length, etag: options.etag, sha256: options.sha256, data: newDataName() }
    try {
      await mkdir(folder, { recursive: true })
      const old = await readRecord(folder, recordName(path))
      try {
        await writeFile(join(folder, record.data), bytes)
        await writeFile(join(folder, `${record.data}.tmp`), JSON.stringify(record))
        await rename(join(folder, `${record.data}.tmp`), join(folder, recordName(path)))
      } catch (error) {
        await remove(folder, record.data)
        await remove(folder, `${record.data}.tmp`)
        throw error
      }
      if (old) await remove(folder, old.data)
    } catch (error) {
      throw storageError(error, path)
    }
  }

  async room(): Promise<number | undefined> {
    await mkdir(this.#root, { recursive: true }).catch(() => undefined)
    const disk = await statfs(this.#root).catch(() => undefined)
    return disk && disk.bavail * disk.bsize
  }

  async list(): Promise<StoredEntry[]> {
    const entries: StoredEntry[] = []
    for (const name of await namesIn(this.#root)) {
      const folder = join(this.#root, name)
      for (const recordFile of (await namesIn(folder)).filter(isRecordName)) {
        const record = await readRecord(folder, recordFile)
        if (record && (await dataOf(folder, record))) {
          entries.push({ key: decodeURIComponent(name), path: record.path, size: record.size, sha256: record.sha256 })
        }
      }
    }
    return entries
  }

  async delete(key: string, path?: string): Promise<void> {
    const folder = this.#modelFolder(key)
    if (path === undefined) return rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 })
    const record = await readRecord(folder, recordName(path))
    await remove(folder, recordName(path))
    if (record) await remove(folder, record.data)
  }

  #modelFolder(key: string): string {
    return join(this.#root, encodeURIComponent(key))
  }
}

function defaultCacheFolder(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env
  const base =
    process.platform === 'win32'
      ? (LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'))
      : process.platform === 'darwin'
        ? join(homedir(), 'Library', 'Caches')
        : (XDG_CACHE_HOME ?? join(homedir(), '.cache'))
  return join(base, 'react-edge-llm', 'models')
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: unknown) => ignoreMissing(error) ?? [])
}

async function readRecord(folder: string, name: string): Promise<StoredRecord | undefined> {
  const text = await readFile(join(folder, name), 'utf8').catch(ignoreMissing)
  return text === undefined ? undefined : parseRecord(text)
}

async function dataOf(folder: string, record: StoredRecord): Promise<StoredFile | undefined> {
  const file = join(folder, record.data)
  const size = (await stat(file).catch(ignoreMissing))?.size
  if (size !== record.size) return undefined
  return {
    size,
    etag: record.etag,
    sha256: record.sha256,
    stream: () => Readable.toWeb(createReadStream(file)) as ReadableStream<Uint8Array>,
  }
}

async function remove(folder: string, name: string): Promise<void> {
  await rm(join(folder, name), { force: true })
}

function ignoreMissing(error: unknown): undefined {
  const { code } = error as { code?: unknown }
  if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
  throw error
}
