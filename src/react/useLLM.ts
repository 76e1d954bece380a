import { useInsertionEffect, useState } from 'react'
import type { ReadyModel } from '../engine/types.js'
import type { GenerateEvent, GenerateRequest } from '../inference/types.js'
import { AbortGroup } from './AbortGroup.js'
import { useLLMScope } from './context.js'
import type { EngineSlot } from './EngineSlot.js'
import { Lease } from './Lease.js'
import { idleState, type LLMState } from './llmState.js'
import { useTracked } from './useTracked.js'

/** What {@link useLLM} can do. Every function is the same one in every render. */
export interface LLMFunctions {
  /**
   * Loads the model; calls that overlap share one load.
   * @throws LLMError what is then also in `error`; `load-aborted` when the signal aborts.
   */
  load: (options?: { signal?: AbortSignal }) => Promise<ReadyModel>
  /** Frees the model and ends its worker, also in the middle of a load. Stored files stay. */
  unload: () => Promise<void>
  /**
   * Generates, loading first if needed. Iterate over the result to run it. Aborts when the component unmounts.
   * @throws LLMError
   */
  generate: (request: GenerateRequest, options?: { signal?: AbortSignal }) => AsyncIterable<GenerateEvent>
  /** Ends all generations that this hook started; they finish with reason `abort`. */
  stop: () => void
}

/** What {@link useLLM} returns, told apart by `status`. */
export type UseLLMResult = LLMState & LLMFunctions

/**
 * The model of the provider above: its state, and text generation without a conversation.
 * The component re-renders only for the fields it reads, never for tokens.
 * @throws LLMError `invalid-config` outside of a provider.
 */
export function useLLM(): UseLLMResult {
  const { engine, state } = useLLMScope('useLLM')
  const [{ functions, lease }] = useState(() => createFunctions(engine))
  useInsertionEffect(() => lease.hold(), [lease])
  return useTracked(state, idleState, functions)
}

function createFunctions(engine: EngineSlot): { functions: LLMFunctions; lease: Lease } {
  const running = new AbortGroup()
  const stop = () => running.abort()
  return {
    functions: {
      load: engine.load,
      unload: engine.unload,
      generate: (request, options) =>
        running.run((signal) => engine.generate(request, { signal }), options?.signal),
      stop,
    },
    lease: new Lease(stop),
  }
}
