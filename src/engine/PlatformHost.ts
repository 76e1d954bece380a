import type { LocalRuntimeName } from '../inference/types.js'
import type { Device } from '../models/types.js'
import type { DeviceChoice } from './detectDevice.js'
import type { LLMConfig } from './types.js'
import type { WorkerConnection } from './WorkerSession.js'

/** What an engine needs of the platform it runs on. */
export interface PlatformHost {
  /** What relative model paths are relative to. */
  baseURL(): string
  detectDevice(wanted: NonNullable<LLMConfig['device']>): Promise<DeviceChoice>
  /** Asks the browser not to clear this origin's storage by itself. Asked again, it changes nothing. */
  askToKeep?(): void
  connectWorker(runtime: LocalRuntimeName, device: Device): WorkerConnection
  /** Whether the page is in the background, where nobody waits for it and it may get next to no time. */
  isHidden?(): boolean
  /** What measurements on the CPU depend on. */
  cpu?(): { cores: number; isIsolated: boolean }
  /** What {@link remember} has kept. Undefined: this platform keeps nothing, so nothing is measured. */
  recall?(key: string): string | null
  /** Keeps a short text for later visits, where that is allowed. */
  remember?(key: string, text: string): void
}
