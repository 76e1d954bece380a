import { createEngine } from '../../engine/index.node.js'
import type { ReadyModel } from '../../engine/index.js'
import { answerCase } from './answerCase.js'
import type { EvalOptions } from './readOptions.js'
import type { EvalCase, Prediction } from './types.js'

/**
 * Answers cases with as many engines as asked for, each in a worker of its own. Engines take the
 * cases in their order, so that requests to the same tools, standing together, find them in the
 * KV cache. `onAnswer` gets answers as they are done.
 * @returns what was loaded.
 * @throws LLMError what loading or running the model gives.
 */
export async function answerCases(
  cases: readonly EvalCase[],
  options: EvalOptions & { model: string },
  onAnswer: (prediction: Prediction) => void,
): Promise<ReadyModel> {
  const { model, runtime, dtype, threads } = options
  const waiting = [...cases]
  const engines = Array.from({ length: Math.min(options.concurrency, cases.length) }, () =>
    createEngine({ preferredRuntime: runtime, models: { [runtime]: model }, dtype, threads }),
  )
  try {
    const [loaded] = await Promise.all(engines.map((engine) => engine.load()))
    await Promise.all(
      engines.map(async (engine) => {
        for (let next = waiting.shift(); next; next = waiting.shift()) onAnswer(await answerCase(engine, next, options))
      }),
    )
    return loaded!
  } finally {
    for (const engine of engines) engine.dispose()
  }
}
