import { LLMError } from '../errors/index.js'
import type * as EngineModule from '../engine/index.js'

/**
 * The engine, which comes when it is first needed: nothing of it is part of the hooks.
 * @throws LLMError `network`
 */
export async function importEngine(): Promise<typeof EngineModule> {
  try {
    return await import('../engine/index.js')
  } catch (cause) {
    throw new LLMError({
      code: 'network',
      message: "The kit's engine did not arrive. Check the connection and reload.",
      recoverable: true,
      cause,
    })
  }
}
