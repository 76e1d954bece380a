import { connectWorker } from './connectWorker.js'
import { detectDevice } from './detectDevice.js'
import type { PlatformHost } from './PlatformHost.js'

const prefix = 'react-edge-llm:'

/** Web pages: Web Workers, WebGPU where there is one. */
export const browserHost: PlatformHost = {
  baseURL: () => document.baseURI,
  detectDevice,
  connectWorker,
  isHidden: () => document.hidden,
  cpu: () => ({ cores: navigator.hardwareConcurrency || 1, isIsolated: globalThis.crossOriginIsolated === true }),

  recall(key) {
    try {
      return localStorage.getItem(prefix + key)
    } catch {
      // Blocked by the user, or by a sandboxed frame.
      return null
    }
  },

  remember(key, text) {
    try {
      localStorage.setItem(prefix + key, text)
    } catch {
      // Then the next visit measures anew.
    }
  },

  askToKeep: () => void keepStorage().catch(() => undefined),
}

// Only pages can ask, workers cannot. Chromium decides by itself, Firefox asks the user.
async function keepStorage(): Promise<void> {
  const { storage } = navigator as { storage?: Partial<StorageManager> }
  if ((await storage?.persisted?.()) === false) await storage?.persist?.()
}
