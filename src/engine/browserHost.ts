import { connectWorker } from './connectWorker.js'
import { detectDevice } from './detectDevice.js'
import type { PlatformHost } from './PlatformHost.js'

/** Web pages: Web Workers, WebGPU where there is one. */
export const browserHost: PlatformHost = {
  baseURL: () => document.baseURI,
  detectDevice,
  connectWorker,
}
