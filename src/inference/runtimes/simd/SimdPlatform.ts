import type { SpawnThread } from '../../../simd/index.js'

/** What the SIMD core needs of where it runs. */
export interface SimdPlatform {
  /** Name for people and metrics: `wasm` in browsers, `cpu` in Node. */
  device: 'wasm' | 'cpu'
  /** Most threads to run on, this one included; 1 where memory cannot be shared. */
  threads: number
  /** Reads the core's binary, `core.wasm`. */
  readCore(): Promise<Uint8Array>
  spawn: SpawnThread
}
