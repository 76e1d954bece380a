import type { ModelStorage, StoredEntry } from './ModelStorage.js'

/** Keeps nothing: every load downloads. */
export class NoStorage implements ModelStorage {
  readonly name = 'none'

  async match(): Promise<undefined> {
    return undefined
  }

  async put(): Promise<void> {}

  async list(): Promise<StoredEntry[]> {
    return []
  }

  async delete(): Promise<void> {}
}
