import type { Engine, LLMConfig } from '../engine/types.js'

const NO_IDLE_CALLBACK_MS = 200

/** Starts a load as `when` says; the result cancels one that has not begun. */
export function scheduleLoad(engine: Engine, when: LLMConfig['load']): (() => void) | undefined {
  // A failure shows in the engine's state; nobody awaits this promise.
  const load = () => void engine.load().catch(() => undefined)
  if (when === 'eager') load()
  if (when !== 'idle') return
  // Safari has no requestIdleCallback.
  if (typeof requestIdleCallback === 'undefined') {
    const timer = setTimeout(load, NO_IDLE_CALLBACK_MS)
    return () => clearTimeout(timer)
  }
  const callback = requestIdleCallback(load)
  return () => cancelIdleCallback(callback)
}
