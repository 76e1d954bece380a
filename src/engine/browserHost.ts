import { connectWorker } from './connectWorker.js'
import { detectDevice } from './detectDevice.js'
import type { PlatformHost } from './PlatformHost.js'

/** Web pages: Web Workers, WebGPU where there is one. */
export const browserHost: PlatformHost = {
  baseURL: () => document.baseURI,
  detectDevice,
  connectWorker,
  askToKeep: () => void keepStorage().catch(() => undefined),
}

// Only pages can ask, workers cannot. Chromium decides by itself, Firefox asks the user.
async function keepStorage(): Promise<void> {
  const { storage } = navigator as { storage?: Partial<StorageManager> }
  if ((await storage?.persisted?.()) === false) await storage?.persist?.()
}
