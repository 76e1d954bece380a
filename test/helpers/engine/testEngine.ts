import { loadModel } from '../../../src/engine/loadModel.js'
import { ModelEngine } from '../../../src/engine/ModelEngine.js'
import { Retreats } from '../../../src/engine/Retreats.js'
import type { LLMConfig } from '../../../src/engine/types.js'
import type { Runtime } from '../../../src/inference/Runtime.js'
import type { GenerateEvent, GenerateMetrics } from '../../../src/inference/types.js'
import type { Device } from '../../../src/models/types.js'
import type { LoadRuntime } from '../../../src/worker/createEngineWorker.js'
import { scriptedRuntime, workerHost, type TestWorker } from './workerHost.js'

export const tick = (ms = 0): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, ms))

/** A request that every scripted runtime can answer. */
export const request = { messages: [{ role: 'user' as const, content: 'Hi' }] }

export const metrics = { completionTokens: 2 } as GenerateMetrics

/** Says a few words, one a step, until it is told to stop. */
export const talk =
  (words: string[], pause = 0): Runtime['generate'] =>
  async (_request, emit, probe) => {
    emit({ tokenId: undefined, events: [{ type: 'start', promptTokens: 5, reusedTokens: 0 }] })
    for (const [i, text] of words.entries()) {
      await tick(pause)
      if (await probe.check()) {
        emit({ tokenId: undefined, events: [{ type: 'finish', reason: 'abort', metrics, tokenIds: [] }] })
        return
      }
      emit({ tokenId: i, events: [{ type: 'text-delta', text }] })
    }
    emit({ tokenId: undefined, events: [{ type: 'finish', reason: 'stop', metrics, tokenIds: [0, 1] }] })
  }

const engines: ModelEngine[] = []

/** Ends all that {@link setUpEngine} has made; for `afterEach`. */
export function disposeEngines(): void {
  engines.splice(0).forEach((engine) => engine.dispose())
}

/** An engine whose workers run what `load` gives them. */
export function setUpEngine(
  load: (worker: TestWorker) => LoadRuntime,
  device?: Device,
  config: Partial<LLMConfig> = {},
): { engine: ModelEngine; workers: TestWorker[] } {
  const { host, workers } = workerHost(load, device)
  const engine = new ModelEngine({ models: { onnx: '/m' }, ...config }, () => Promise.resolve({ host, loadModel, Retreats }))
  engines.push(engine)
  return { engine, workers }
}

/** An engine that answers with these words. */
export const talkingEngine = (words = ['Hel', 'lo'], pause = 0): ReturnType<typeof setUpEngine> =>
  setUpEngine(() => () => Promise.resolve(scriptedRuntime(talk(words, pause))))

export async function collect(events: AsyncIterable<GenerateEvent>): Promise<GenerateEvent[]> {
  const all: GenerateEvent[] = []
  for await (const event of events) all.push(event)
  return all
}

/** What was said in events. */
export const textOf = (events: GenerateEvent[]): string => events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('')
