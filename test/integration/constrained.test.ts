import * as ort from 'onnxruntime-node'
import { createEngine, type GenerateEvent, type GenerateRequest } from 'react-edge-llm/engine'
import { describe, expect, it } from 'vitest'
import { createNodeBinding } from '../../src/inference/runtimes/onnx/nodeBinding.js'
import { ChatCodec } from '../../src/inference/generate/ChatCodec.js'
import { DecoderRuntime } from '../../src/inference/generate/DecoderRuntime.js'
import { openOrtDecoder } from '../../src/inference/runtimes/onnx/openOrtDecoder.js'
import { loadModelFiles, resolveModel } from '../../src/models/index.js'
import { nodeFetch } from '../../src/models/node.js'
import { modelFolder, type TestModel } from '../helpers/embeddedModel.js'
import { loadGrammarLibrary } from '../helpers/grammarLibrary.js'

const tools = [
  {
    name: 'set_square_color',
    description: 'Change the color of the square',
    inputSchema: { type: 'object', properties: { color: { type: 'string', enum: ['red', 'green', 'blue', 'dark orange'] } }, required: ['color'] },
  },
  {
    name: 'set_timer',
    description: 'Start a timer',
    inputSchema: { type: 'object', properties: { minutes: { type: 'integer', minimum: 1, maximum: 180 }, repeat: { type: 'boolean' } }, required: ['minutes'] },
  },
  { name: 'get_square_color', description: 'Tell the color of the square', inputSchema: { type: 'object', properties: {} } },
]
const ask = (content: string): GenerateRequest['messages'] => [{ role: 'user', content }]

async function open(model: TestModel, dtype: 'q4' | 'fp32', jumpForward = true): Promise<DecoderRuntime> {
  const source = resolveModel(modelFolder(model), { baseURL: 'file:///' })
  const files = await loadModelFiles(source, { device: 'cpu', adapterFeatures: [], dtype, fetch: nodeFetch })
  const binding = createNodeBinding(ort, 2)
  const open = () => openOrtDecoder(binding, files)
  return DecoderRuntime.load({ open, model: source.options, files, codec: new ChatCodec(files, source.options), startedAt: 0, decoder: { jumpForward }, loadGrammar: loadGrammarLibrary })
}

async function run(runtime: DecoderRuntime, request: GenerateRequest) {
  const events: GenerateEvent[] = []
  await runtime.generate(request, (update) => events.push(...update.events), { check: () => false })
  const finish = events.at(-1)
  if (finish?.type !== 'finish') throw new Error('The last event is not `finish`')
  return { events, ids: finish.tokenIds, calls: events.filter((event) => event.type === 'tool-call') }
}

describe.each([
  { name: 'the SIMD core', config: { dtype: 'q4', cpuBackend: 'simd' } },
  { name: 'ONNX Runtime', config: { dtype: 'fp32', cpuBackend: 'onnxruntime' } },
] as const)('the built engine on $name', ({ config }) => {
  it('gives valid calls with a model that knows nothing', async () => {
    const engine = createEngine({ models: { onnx: modelFolder('smollm2-tiny') }, ...config })
    for (let seed = 0; seed < 12; seed++) {
      const events: GenerateEvent[] = []
      const request = { messages: ask('Go'), tools, toolChoice: 'required' as const, parallelToolCalls: false, constrained: true, temperature: 1, seed, maxTokens: 80 }
      for await (const event of engine.generate(request)) events.push(event)
      expect(events.filter(({ type }) => type === 'tool-error')).toEqual([])
      expect(events.filter(({ type }) => type === 'tool-call')).toHaveLength(1)
    }
    engine.dispose()
  })

  it('gives JSON of a schema', async () => {
    const engine = createEngine({ models: { onnx: modelFolder('smollm2-tiny') }, ...config })
    let text = ''
    const schema = { type: 'object', properties: { age: { type: 'integer', minimum: 18, maximum: 99 }, sure: { type: 'boolean' } }, required: ['age', 'sure'] }
    for await (const event of engine.generate({ messages: ask('Go'), responseFormat: { schema }, maxTokens: 40 })) {
      if (event.type === 'text-delta') text += event.text
    }
    engine.dispose()
    expect(JSON.parse(text)).toEqual({ age: expect.any(Number) as number, sure: expect.any(Boolean) as boolean })
  })
})

describe('jump-forward', () => {
  it('does not change what a real model says', async () => {
    const [together, single] = [await open('function-caller', 'q4'), await open('function-caller', 'q4', false)]
    for (const content of ['Make the square blue', 'Set a timer for 12 minutes']) {
      const request: GenerateRequest = { messages: ask(content), tools, maxTokens: 40 }
      const [one, other] = [await run(together, request), await run(single, request)]
      expect(one.ids).toEqual(other.ids)
      expect(one.calls).toHaveLength(1)
    }
    await Promise.all([together.dispose(), single.dispose()])
  })
})
