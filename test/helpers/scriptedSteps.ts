import type { FinishReason, GenerateEvent, GenerateRequest } from '../../src/inference/types.js'
import { metrics } from './ScriptedEngine.js'

type Step = (GenerateEvent | string)[] | { events: (GenerateEvent | string)[]; reason: FinishReason }

/** An engine that answers the n-th request with the n-th step; the last one is repeated. Strings are text. */
export function scriptedSteps(...steps: Step[]) {
  const requests: GenerateRequest[] = []
  async function* generate(request: GenerateRequest): AsyncGenerator<GenerateEvent, void, undefined> {
    const step = steps[Math.min(requests.push(request), steps.length) - 1] ?? []
    const { events, reason } = Array.isArray(step) ? { events: step, reason: 'stop' as const } : step
    for (const event of events) yield typeof event === 'string' ? { type: 'text-delta', text: event } : event
    yield { type: 'finish', reason, metrics, tokenIds: [] }
  }
  return { requests, generate }
}
