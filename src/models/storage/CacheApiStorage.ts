import { encodePath } from '../filePath.js'
import { unshared } from '../unshared.js'
import { browserRoom } from './browserRoom.js'
import { storageError } from './storageErrors.js'
import type { ModelStorage, PutOptions, StoredEntry, StoredFile } from './ModelStorage.js'

const cacheName = 'react-edge-llm'
// Keys of the Cache API are URLs. Nothing is ever fetched from this one: `.invalid` cannot exist.
const origin = 'https://react-edge-llm.invalid/'
const sizeHeader = 'x-size'
const etagHeader = 'x-etag'
const sha256Header = 'x-sha256'

/**
 * Keeps models in a cache of their own, for browsers without OPFS. A `put` of the Cache API
 * becomes visible when its body is complete, so it needs no commit of ours.
 */
export class CacheApiStorage implements ModelStorage {
  readonly name = 'cache'
  readonly #caches: CacheStorage

  constructor(caches: CacheStorage) {
    this.#caches = caches
  }

  async match(key: string, path: string): Promise<StoredFile | undefined> {
    const response = await this.#caches.match(urlOf(key, path), { cacheName })
    const size = response && sizeOf(response)
    if (!response || size === undefined) return undefined
    const blob = await response.blob()
    if (blob.size !== size) return undefined
    return { size, etag: response.headers.get(etagHeader) ?? undefined, sha256: sha256Of(response), stream: () => blob.stream() }
  }

  async put(key: string, path: string, bytes: Uint8Array, options: PutOptions = {}): Promise<void> {
    const headers = new Headers({ 'content-type': 'application/octet-stream', [sizeHeader]: String(bytes.length) })
    if (options.etag !== undefined) headers.set(etagHeader, options.etag)
    if (options.sha256 !== undefined) headers.set(sha256Header, options.sha256)
    try {
      const cache = await this.#caches.open(cacheName)
      await cache.put(urlOf(key, path), new Response(unshared(bytes), { headers }))
    } catch (error) {
      throw storageError(error, path)
    }
  }

  room(): Promise<number | undefined> {
    return browserRoom()
  }

  async list(): Promise<StoredEntry[]> {
    if (!(await this.#caches.has(cacheName))) return []
    const cache = await this.#caches.open(cacheName)
    const entries: StoredEntry[] = []
    for (const request of await cache.keys()) {
      const response = await cache.match(request)
      const size = response && sizeOf(response)
      const [key, ...path] = request.url.slice(origin.length).split('/').map(decodeURIComponent)
      if (size !== undefined && key !== undefined) entries.push({ key, path: path.join('/'), size, sha256: sha256Of(response) })
    }
    return entries
  }

  async delete(key: string, path?: string): Promise<void> {
    if (!(await this.#caches.has(cacheName))) return
    const cache = await this.#caches.open(cacheName)
    if (path !== undefined) {
      await cache.delete(urlOf(key, path))
      return
    }
    const ofModel = (await cache.keys()).filter((request) => request.url.startsWith(urlOf(key, '')))
    await Promise.all(ofModel.map((request) => cache.delete(request)))
  }
}

function urlOf(key: string, path: string): string {
  return `${origin}${encodeURIComponent(key)}/${encodePath(path)}`
}

function sizeOf(response: Response): number | undefined {
  const header = response.headers.get(sizeHeader)
  return header !== null && /^\d+$/.test(header) ? Number(header) : undefined
}

function sha256Of(response: Response | undefined): string | undefined {
  return response?.headers.get(sha256Header) ?? undefined
}
