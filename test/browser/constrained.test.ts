import { createEngine, type GenerateEvent, type LLMConfig } from 'react-edge-llm/engine'
import { expect, it } from 'vitest'

const tools = [
  {
    name: 'set_timer',
    description: 'Start a timer',
    inputSchema: { type: 'object', properties: { minutes: { type: 'integer', minimum: 1, maximum: 180 }, repeat: { type: 'boolean' } }, required: ['minutes'] },
  },
]

const runtimes: [string, LLMConfig][] = [
  ['the SIMD core', { models: { onnx: '/models/smollm2-tiny' }, device: 'wasm', cpuBackend: 'simd' }],
  ['ONNX Runtime on WASM', { models: { onnx: '/models/smollm2-tiny' }, device: 'wasm', dtype: 'fp32' }],
  ['Transformers.js on WASM', { models: { transformers: '/models/smollm2-tiny' }, device: 'wasm', dtype: 'fp32' }],
]

it.each(runtimes)('%s: a model that knows nothing gives valid calls, with the grammar from beside the worker', async (_, config) => {
  const engine = createEngine(config)
  for (let seed = 0; seed < 4; seed++) {
    const events: GenerateEvent[] = []
    const messages = [{ role: 'user' as const, content: 'Go' }]
    const request = { messages, tools, toolChoice: 'required' as const, parallelToolCalls: false, constrained: true, temperature: 1, seed, maxTokens: 60 }
    for await (const event of engine.generate(request)) events.push(event)
    expect(events.filter(({ type }) => type === 'tool-error')).toEqual([])
    expect(events.filter(({ type }) => type === 'tool-call')).toHaveLength(1)
  }
  engine.dispose()
})
