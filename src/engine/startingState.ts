import type { ModelState } from './types.js'

/** A load of which nothing is known yet. The provider shows it until the engine's code is here; the engine goes on from it. */
export const startingState: ModelState = {
  status: 'downloading',
  progress: {
    phase: 'resolving',
    loaded: 0,
    total: 0,
    fraction: 0,
    bytesPerSecond: 0,
    etaSeconds: undefined,
    file: undefined,
  },
}
