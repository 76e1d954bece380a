import { createContext, useContext } from 'react'
import { LLMError } from '../errors/index.js'
import type { EngineSlot } from './EngineSlot.js'
import type { FramedStore } from './FramedStore.js'
import type { LLMState } from './llmState.js'
import type { StoredModels } from './StoredModels.js'
import type { ToolRegistry } from './ToolRegistry.js'

/** What a provider shares with the hooks below it. The same object for the provider's whole life. */
export interface LLMScope {
  engine: EngineSlot
  state: FramedStore<LLMState>
  tools: ToolRegistry
  storage: StoredModels
}

export const LLMContext = createContext<LLMScope | undefined>(undefined)
LLMContext.displayName = 'LLMContext'

/** The scope of the nearest provider. `hook` is named in the error when there is none. */
export function useLLMScope(hook: string): LLMScope {
  const scope = useContext(LLMContext)
  if (scope) return scope
  throw new LLMError({
    code: 'invalid-config',
    subject: hook,
    message: `${hook} was called outside of an <LLMProvider>. Wrap what uses it in <LLMProvider config={…}>.`,
  })
}
