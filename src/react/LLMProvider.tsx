import { useEffect, useInsertionEffect, useState, type ReactNode } from 'react'
import type { Engine, LLMConfig } from '../engine/types.js'
import { LLMContext, type LLMScope } from './context.js'
import { EngineSlot, type EngineSource } from './EngineSlot.js'
import { FramedStore } from './FramedStore.js'
import { Lease } from './Lease.js'
import { scheduleLoad } from './scheduleLoad.js'
import { StoredModels } from './StoredModels.js'
import { ToolRegistry } from './ToolRegistry.js'
import { useEngineSource } from './useEngineSource.js'

/** Either a config, from which the provider makes its engine, or an engine of the app's own. */
export type LLMProviderProps = { children?: ReactNode } & (
  | {
      /** Compared by value, so it may be written inline. A change replaces the engine. */
      config: LLMConfig
      engine?: undefined
    }
  | {
      /** Used as it is and never disposed by the provider. `config.load` still says when to load. */
      engine: Engine
      config?: Pick<LLMConfig, 'load'>
    }
)

/**
 * Gives the hooks below it one engine. The model loads as `config.load` says, by default with the
 * first request; it is freed when the provider unmounts, and kept while an `<Activity>` hides it.
 * @throws LLMError while rendering, for a config that can never work: `invalid-config`,
 * `unknown-runtime`, `no-model`. Everything that goes wrong later is in the hooks' `error`.
 */
export function LLMProvider({ children, ...props }: LLMProviderProps): ReactNode {
  const source = useEngineSource(props)
  const [{ scope, lease }] = useState(() => createScope(source))
  const { engine } = scope

  // Insertion effects, because only they run before every child's effects and are left alone by
  // StrictMode's rehearsal, by Suspense and by <Activity>: the model outlives being hidden.
  useInsertionEffect(() => engine.setSource(source), [engine, source])
  useInsertionEffect(() => {
    engine.open()
    return lease.hold()
  }, [engine, lease])

  const load = props.config?.load
  useEffect(() => {
    engine.announce()
    return scheduleLoad(engine, load)
  }, [engine, source, load])

  return <LLMContext.Provider value={scope}>{children}</LLMContext.Provider>
}

function createScope(source: EngineSource): { scope: LLMScope; lease: Lease } {
  const engine = new EngineSlot(source)
  return {
    scope: {
      engine,
      state: new FramedStore(engine, ({ status }) => status === 'downloading' || status === 'loading'),
      tools: new ToolRegistry(),
      storage: new StoredModels(engine),
    },
    // A task after the hooks below have ended: React lets go of parents first.
    lease: new Lease(() => setTimeout(() => engine.dispose())),
  }
}
