// Our engine, as an app has it.
import { createEngine } from 'react-edge-llm/engine'
import { Stopwatch } from '../Stopwatch.js'

/** @type {import('../main.js').LoadSide} */
export async function engine({ model, dtype, device, threads, cpuBackend }) {
  const engine = createEngine({ models: { onnx: `/models/${model}` }, dtype, device, threads, cpuBackend })
  const loaded = await engine.load()
  return {
    about: `${loaded.backend}, ${loaded.dtype}, ${loaded.threads} threads`,
    async generate(content, maxTokens) {
      const watch = new Stopwatch()
      for await (const event of engine.generate({ messages: [{ role: 'user', content }], maxTokens })) {
        if (event.type === 'text-delta') watch.token()
        if (event.type !== 'finish') continue
        const { promptTokens, reusedTokens, completionTokens, memoryBytes } = event.metrics
        return watch.figures({ promptTokens, reusedTokens, tokens: completionTokens, memoryBytes })
      }
    },
  }
}
