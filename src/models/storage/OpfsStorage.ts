import { unshared } from '../unshared.js'
import { browserRoom } from './browserRoom.js'
import { storageError } from './storageErrors.js'
import { isRecordName, newDataName, parseRecord, recordName } from './StoredRecord.js'
import type { StoredRecord } from './StoredRecord.js'
import type { ModelStorage, PutOptions, StoredEntry, StoredFile } from './ModelStorage.js'

/** The part of `FileSystemSyncAccessHandle` used here; there is one in dedicated workers only. */
interface SyncAccessHandle {
  write(bytes: Uint8Array, options: { at: number }): number
  truncate(size: number): void
  flush(): void
  close(): void
}

type WritableHandle = FileSystemFileHandle & { createSyncAccessHandle?: () => Promise<SyncAccessHandle> }

const folderName = 'react-edge-llm'
const sliceBytes = 8 * 1024 * 1024

/** Keeps models in the origin private file system, one folder a model. */
export class OpfsStorage implements ModelStorage {
  readonly name = 'opfs'
  readonly #root: FileSystemDirectoryHandle

  /** @param root The origin's root folder, from `navigator.storage.getDirectory()`. */
  constructor(root: FileSystemDirectoryHandle) {
    this.#root = root
  }

  async match(key: string, path: string): Promise<StoredFile | undefined> {
    const folder = await this.#modelFolder(key)
    if (!folder) return undefined
    const record = await readRecord(folder, recordName(path))
    return record && dataOf(folder, record)
  }

  async put(key: string, path: string, bytes: Uint8Array, options: PutOptions = {}): Promise<void> {
    try {
      const folder = await this.#modelFolder(key, true)
      const old = await readRecord(folder, recordName(path))
      const record: StoredRecord = { path, size: bytes.length, etag: options.etag, sha256: options.sha256, data: newDataName() }
      try {
        await write(folder, record.data, bytes)
        await write(folder, recordName(path), new TextEncoder().encode(JSON.stringify(record)))
      } catch (error) {
        await remove(folder, record.data)
        throw error
      }
      if (old) await remove(folder, old.data)
    } catch (error) {
      throw storageError(error, path)
    }
  }

  room(): Promise<number | undefined> {
    return browserRoom()
  }

  async list(): Promise<StoredEntry[]> {
    const models = await subfolder(this.#root, folderName)
    if (!models) return []
    const entries: StoredEntry[] = []
    for await (const [name, handle] of models.entries()) {
      if (!isDirectory(handle)) continue
      for await (const recordFile of handle.keys()) {
        const record = isRecordName(recordFile) ? await readRecord(handle, recordFile) : undefined
        if (record && (await dataOf(handle, record))) {
          entries.push({ key: decodeURIComponent(name), path: record.path, size: record.size, sha256: record.sha256 })
        }
      }
    }
    return entries
  }

  async delete(key: string, path?: string): Promise<void> {
    const models = await subfolder(this.#root, folderName)
    if (!models) return
    if (path === undefined) return remove(models, encodeURIComponent(key))
    const folder = await this.#modelFolder(key)
    if (!folder) return
    const record = await readRecord(folder, recordName(path))
    // Record first: from then on the file does not exist for any reader.
    await remove(folder, recordName(path))
    if (record) await remove(folder, record.data)
  }

  async #modelFolder(key: string, create: true): Promise<FileSystemDirectoryHandle>
  async #modelFolder(key: string): Promise<FileSystemDirectoryHandle | undefined>
  async #modelFolder(key: string, create = false): Promise<FileSystemDirectoryHandle | undefined> {
    if (create) {
      const models = await this.#root.getDirectoryHandle(folderName, { create })
      return models.getDirectoryHandle(encodeURIComponent(key), { create })
    }
    const models = await subfolder(this.#root, folderName)
    return models && subfolder(models, encodeURIComponent(key))
  }
}

async function subfolder(parent: FileSystemDirectoryHandle, name: string): Promise<FileSystemDirectoryHandle | undefined> {
  return parent.getDirectoryHandle(name).catch(ignoreMissing)
}

async function readRecord(folder: FileSystemDirectoryHandle, name: string): Promise<StoredRecord | undefined> {
  const handle = await folder.getFileHandle(name).catch(ignoreMissing)
  const text = await handle?.getFile().then((file) => file.text(), ignoreMissing)
  return text === undefined ? undefined : parseRecord(text)
}

async function dataOf(folder: FileSystemDirectoryHandle, record: StoredRecord): Promise<StoredFile | undefined> {
  const handle = await folder.getFileHandle(record.data).catch(ignoreMissing)
  const file = await handle?.getFile().catch(ignoreMissing)
  if (file?.size !== record.size) return undefined
  return { size: file.size, etag: record.etag, sha256: record.sha256, stream: () => file.stream() }
}

async function write(folder: FileSystemDirectoryHandle, name: string, bytes: Uint8Array): Promise<void> {
  const handle: WritableHandle = await folder.getFileHandle(name, { create: true })
  if (handle.createSyncAccessHandle) return writeSync(await handle.createSyncAccessHandle(), bytes)
  const writable = await handle.createWritable()
  try {
    await writable.write(unshared(bytes))
    await writable.close()
  } catch (error) {
    await writable.abort().catch(() => undefined)
    throw error
  }
}

function writeSync(access: SyncAccessHandle, bytes: Uint8Array): void {
  try {
    access.truncate(0)
    for (let at = 0; at < bytes.length; at += sliceBytes) {
      const slice = bytes.subarray(at, at + sliceBytes)
      const written = access.write(slice, { at })
      if (written !== slice.length) throw new DOMException('The disk took only a part of the file', 'QuotaExceededError')
    }
    access.flush()
  } finally {
    access.close()
  }
}

async function remove(folder: FileSystemDirectoryHandle, name: string): Promise<void> {
  await folder.removeEntry(name, { recursive: true }).catch(ignoreMissing)
}

function isDirectory(handle: FileSystemHandle): handle is FileSystemDirectoryHandle {
  return handle.kind === 'directory'
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof DOMException && error.name === 'NotFoundError') return undefined
  throw error
}
