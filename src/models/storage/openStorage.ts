import { CacheApiStorage } from './CacheApiStorage.js'
import { NoStorage } from './NoStorage.js'
import { OpfsStorage } from './OpfsStorage.js'
import type { StoragePreference } from '../types.js'
import type { ModelStorage } from './ModelStorage.js'

/**
 * The storage that exists here: `auto` and `opfs` take OPFS, else the Cache API; `cache` the Cache
 * API; where neither is there (private windows, pages on plain http), nothing is kept. Pages and
 * workers of an origin decide alike, so both see the same models.
 */
export async function openStorage(preference: StoragePreference = 'auto'): Promise<ModelStorage> {
  if (preference === 'auto' || preference === 'opfs') {
    const root = await openOpfs()
    if (root) return new OpfsStorage(root)
  }
  if (preference !== 'none') {
    const caches = await openCaches()
    if (caches) return new CacheApiStorage(caches)
  }
  return new NoStorage()
}

async function openOpfs(): Promise<FileSystemDirectoryHandle | undefined> {
  try {
    const { storage } = navigator as { storage?: Partial<StorageManager> }
    return await storage?.getDirectory?.()
  } catch {
    // Private windows have the function and refuse it.
    return undefined
  }
}

async function openCaches(): Promise<CacheStorage | undefined> {
  try {
    const { caches } = globalThis as { caches?: CacheStorage }
    await caches?.has('react-edge-llm')
    return caches
  } catch {
    return undefined
  }
}
