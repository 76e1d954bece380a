import type { ModelStorage } from './ModelStorage.js'

// No file of a model begins with a dot, see `isSafePath`.
const lastUsedPath = '.used.json'

/** When a model was last loaded, in milliseconds since 1970. */
export async function readLastUsed(storage: ModelStorage, key: string): Promise<number | undefined> {
  const file = await storage.match(key, lastUsedPath)
  const at = file && Number(await new Response(file.stream()).text())
  return Number.isSafeInteger(at) ? at : undefined
}

/** Notes down that a model is being used. What cannot be noted down is no loss. */
export async function writeLastUsed(storage: ModelStorage, key: string, at: number): Promise<void> {
  await storage.put(key, lastUsedPath, new TextEncoder().encode(String(at))).catch(() => undefined)
}
