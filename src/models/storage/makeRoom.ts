import { LLMError } from '../../errors/index.js'
import { listStoredModels } from './storedModels.js'
import type { StoredModel } from '../types.js'
import type { ResumableStorage } from './ResumableStorage.js'

/** What is about to be stored. */
export interface RoomRequest {
  /** The model's storage key: itself it never makes room for. */
  key: string
  /** The model's files, with their sizes in bytes as far as they are known. */
  files: readonly { path: string; size: number | undefined }[]
  /** Whether models that were not used for the longest time may go. */
  mayEvict: boolean
}

/**
 * Sees to it that a model's files find room.
 * @returns The models that were removed for it.
 * @throws LLMError `quota-exceeded`, which says how much is missing and which models could go
 */
export async function makeRoom(storage: ResumableStorage, { key, files, mayEvict }: RoomRequest): Promise<StoredModel[]> {
  let room = await storage.room()
  if (room === undefined) return []
  const entries = (await storage.list()).filter((entry) => entry.key === key)
  const stored = new Map(entries.map(({ path, size }) => [path, size]))
  const needed = files.reduce((sum, { path, size = 0 }) => sum + Math.max(0, size - (stored.get(path) ?? 0)), 0)
  if (needed <= room) return []
  const others = (await listStoredModels({ storage })).filter((model) => model.key !== key)
  others.sort((a, b) => (a.lastUsed ?? 0) - (b.lastUsed ?? 0))
  const removed: StoredModel[] = []
  // Nothing goes where all of them together would not do.
  const isEnough = others.reduce((sum, { size }) => sum + size, room) >= needed
  while (mayEvict && isEnough && room < needed) {
    const oldest = others.shift()
    if (!oldest) break
    await storage.delete(oldest.key)
    removed.push(oldest)
    // Browsers count what is deleted for a while.
    room += oldest.size
  }
  if (room < needed) throw noRoom(key, needed - room, others)
  return removed
}

function noRoom(key: string, missing: number, others: readonly StoredModel[]): LLMError {
  const named = others.map(({ id, size }) => `${id} (${megabytes(size)})`).join(', ')
  const advice = named === '' ? 'Free space on the device, or take a smaller dtype.' : `These stored models could go, the longest unused first: ${named}.`
  return new LLMError({
    code: 'quota-exceeded',
    message: `There is no room to keep ${key}: ${megabytes(missing)} are missing. ${advice}`,
    recoverable: true,
    subject: key,
  })
}

function megabytes(bytes: number): string {
  return `${Math.ceil(bytes / 1e6)} MB`
}
