import { readFileSync } from 'node:fs'
import path from 'node:path'
import * as ort from 'onnxruntime-node'
import { createEngine, type Engine, type GenerateEvent, type GenerateRequest, type LLMConfig } from 'react-edge-llm/engine'
import { afterEach, describe, expect, it } from 'vitest'
import { loadOnnxRuntime } from '../../src/inference/loadOnnxRuntime.js'
import { createNodeBinding } from '../../src/inference/runtimes/onnx/nodeBinding.js'
import { ChatCodec } from '../../src/inference/generate/ChatCodec.js'
import { DecoderRuntime } from '../../src/inference/generate/DecoderRuntime.js'
import { openOrtDecoder } from '../../src/inference/runtimes/onnx/openOrtDecoder.js'
import type { GenerateUpdate } from '../../src/inference/types.js'
import { loadModelFiles, resolveModel, type ModelFiles } from '../../src/models/index.js'
import { nodeFetch, NodeStorage } from '../../src/models/node.js'
import { modelFolder, modelJSON } from '../helpers/embeddedModel.js'
import { modelVariant, type Changes } from '../helpers/modelVariant.js'
import { openOnSimd } from '../helpers/simd/nodePlatform.js'
import { nodeLoadRequest } from '../helpers/nodeLoadRequest.js'

const engines: Engine[] = []
const variants: { remove(): void }[] = []
afterEach(() => {
  engines.splice(0).forEach((engine) => engine.dispose())
  variants.splice(0).forEach((variant) => variant.remove())
})

function open(onnx: string, config: Partial<LLMConfig> = {}): Engine {
  const engine = createEngine({ models: { onnx }, ...config })
  engines.push(engine)
  return engine
}

function openVariant(changes: Changes, config?: Partial<LLMConfig>): Engine {
  const variant = modelVariant(changes)
  variants.push(variant)
  return open(variant.folder, config)
}

async function collect(engine: Engine, request: Partial<GenerateRequest> & { content?: string }, signal?: AbortSignal) {
  const { content = 'Hi', ...rest } = request
  const events: GenerateEvent[] = []
  const messages = [{ role: 'user' as const, content }]
  for await (const event of engine.generate({ messages, maxTokens: 8, ...rest }, { signal })) events.push(event)
  const finish = events.at(-1)
  if (finish?.type !== 'finish') throw new Error('The last event is not `finish`')
  return { events, finish }
}

const long = 'Tell me more about the river and the mill. '.repeat(150)

/** What runs models on CPUs, each with the weights that it is quickest with. */
const backends = [
  {
    name: 'simd',
    dtype: 'q4',
    cpuBackend: 'simd',
    graph: 'onnx/model_q4.onnx',
    openDecoder: (files: ModelFiles) => openOnSimd(files, 2),
  },
  {
    name: 'onnxruntime-node',
    dtype: 'q8',
    cpuBackend: 'onnxruntime',
    graph: 'onnx/model_quantized.onnx',
    openDecoder: (files: ModelFiles) => openOrtDecoder(createNodeBinding(ort, 2), files),
  },
] as const

describe.each(backends)('on $name', ({ name, dtype, cpuBackend, graph, openDecoder }) => {
  const real = () => open(modelFolder('smollm2-135m-instruct'), { dtype, cpuBackend })
  const tiny = () => open(modelFolder('smollm2-tiny'), { dtype, cpuBackend })
  // A model with this graph alone, on the backend that takes it by default.
  const tinyGraph = readFileSync(path.join(modelFolder('smollm2-tiny'), graph))
  const variant = (changes: Changes) => openVariant({ 'onnx/model.onnx': tinyGraph, ...changes }, { cpuBackend: cpuBackend === 'simd' ? 'auto' : cpuBackend })

  describe('metrics', () => {
    it('are all there and agree with each other', async () => {
      const engine = real()
      const model = await engine.load()
      expect(model).toMatchObject({ runtime: 'onnx', backend: name, device: 'cpu', dtype, vocabSize: 49152, contextLength: 8192 })
      expect(model.loadMs).toBeGreaterThan(0)
      const { finish } = await collect(engine, { content: 'Why is the sky blue?', maxTokens: 16 })
      const { metrics } = finish
      expect(metrics.completionTokens).toBe(finish.tokenIds.length)
      expect(metrics.timeToFirstTokenMs).toBeGreaterThan(0)
      expect(metrics.totalMs).toBeGreaterThanOrEqual(metrics.timeToFirstTokenMs)
      expect(metrics.prefillTokensPerSecond).toBeGreaterThan(1)
      expect(metrics.decodeTokensPerSecond).toBeGreaterThan(1)
      expect(metrics.memoryBytes).toBeGreaterThan(10_000_000)
    })
  })

  describe('abort', () => {
    const abortAfter = (ms: number) => {
      const controller = new AbortController()
      let at = 0
      setTimeout(() => {
        at = performance.now()
        controller.abort()
      }, ms)
      return { signal: controller.signal, latency: () => performance.now() - at }
    }

    it.each([
      ['load', 30],
      ['prefill', 60],
      ['decode', 400],
    ])('during %s ends within 200 ms and leaves the engine usable', async (phase, ms) => {
      const engine = real()
      if (phase !== 'load') await engine.load()
      const { signal, latency } = abortAfter(ms)
      const { finish } = await collect(engine, { content: phase === 'prefill' ? long : 'Tell me a story.', maxTokens: 400 }, signal)
      expect(latency()).toBeLessThan(200)
      expect(finish.reason).toBe('abort')
      if (phase === 'load') expect(engine.getState().status).toBe('idle')
      if (phase === 'prefill') expect(finish.tokenIds).toEqual([])
      if (phase === 'decode') expect(finish.tokenIds.length).toBeGreaterThan(0)
      const next = await collect(engine, { content: 'What is two plus two?' })
      expect(next.finish.reason).not.toBe('abort')
      expect(next.finish.tokenIds.length).toBeGreaterThan(0)
    })
  })

  describe('prefix reuse', () => {
    it('gives exactly the output it gives when it is off, with quantized weights', async () => {
      const options = { device: 'cpu' as const, adapterFeatures: [], dtype, fetch: nodeFetch }
      const source = resolveModel(modelFolder('smollm2-135m-instruct'), { baseURL: 'file:///' })
      const load = async (reusePrefix: boolean) => {
        const files = await loadModelFiles(source, options)
        const open = () => openDecoder(files)
        return DecoderRuntime.load({ open, model: source.options, files, codec: new ChatCodec(files, source.options), startedAt: 0, decoder: { reusePrefix } })
      }
      const [reusing, plain] = [await load(true), await load(false)]
      const run = async (runtime: DecoderRuntime, messages: GenerateRequest['messages']) => {
        const updates: GenerateUpdate[] = []
        await runtime.generate({ messages, maxTokens: 24 }, (update) => updates.push(update), { check: () => false })
        const finish = updates.at(-1)!.events.at(-1)!
        if (finish.type !== 'finish') throw new Error('no finish')
        const text = updates.flatMap(({ events }) => events).map((event) => (event.type === 'text-delta' ? event.text : ''))
        return { ids: finish.tokenIds, reused: finish.metrics.reusedTokens, text: text.join('') }
      }
      const messages: GenerateRequest['messages'] = [
        { role: 'system', content: 'You are a guide to an old mill by a river. '.repeat(10) },
      ]
      for (const question of ['Who built it?', 'When?', 'Is it open today?']) {
        messages.push({ role: 'user', content: question })
        const [one, other] = [await run(reusing, messages), await run(plain, messages)]
        expect(one.ids).toEqual(other.ids)
        expect(other.reused).toBe(0)
        if (messages.length > 2) expect(one.reused).toBeGreaterThanOrEqual(64)
        messages.push({ role: 'assistant', content: one.text })
      }
      await Promise.all([reusing.dispose(), plain.dispose()])
    })
  })

  describe('sampling', () => {
    it('repeats itself with a seed and differs without', async () => {
      const engine = tiny()
      const ids = async (seed?: number) => (await collect(engine, { temperature: 1, topK: 50, topP: 0.95, maxTokens: 12, seed })).finish.tokenIds
      expect(await ids(1)).toEqual(await ids(1))
      expect(await ids(1)).not.toEqual(await ids(2))
      expect(await ids()).not.toEqual(await ids())
    })

    it('ends before a stop string, which is not part of the text', async () => {
      const engine = real()
      const text = ({ events }: { events: GenerateEvent[] }) => events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('')
      const whole = text(await collect(engine, { content: 'Tell me a story.', maxTokens: 32 }))
      const stop = whole.slice(20, 24)
      const cut = await collect(engine, { content: 'Tell me a story.', maxTokens: 32, stop: [stop] })
      expect(text(cut)).toBe(whole.slice(0, whole.indexOf(stop)))
      expect(cut.finish.reason).toBe('stop')
    })
  })

  describe('tools', () => {
    const tools = [
      {
        name: 'set_square_color',
        description: 'Changes the color of the square',
        inputSchema: { type: 'object', properties: { color: { type: 'string', enum: ['red', 'green', 'blue'] } }, required: ['color'] },
      },
      { name: 'get_square_color', description: 'Tells the color of the square', inputSchema: { type: 'object', properties: {} } },
    ]

    it('a forced call begins with the name that was asked for', async () => {
      const { events } = await collect(real(), { content: 'Make it red', tools, toolChoice: { name: 'set_square_color' }, maxTokens: 64 })
      expect(events.find((event) => event.type === 'tool-input-start')).toMatchObject({ name: 'set_square_color' })
    })

    it('`none` leaves the tools out of the prompt', async () => {
      const engine = tiny()
      const prompt = async (request: Partial<GenerateRequest>) => (await collect(engine, { ...request, maxTokens: 1 })).finish.metrics.promptTokens
      expect(await prompt({ tools, toolChoice: 'none' })).toBe(await prompt({}))
      expect(await prompt({ tools })).toBeGreaterThan((await prompt({})) + 50)
    })

    it('refuses a choice that cannot be obeyed', async () => {
      const engine = tiny()
      await expect(collect(engine, { toolChoice: 'required' })).rejects.toMatchObject({ code: 'invalid-request', subject: 'toolChoice' })
      await expect(collect(engine, { tools, toolChoice: { name: 'sing' } })).rejects.toMatchObject({ code: 'unknown-tool', subject: 'sing' })
      expect((await collect(engine, {})).finish.tokenIds.length).toBeGreaterThan(0)
    })
  })

  describe('bad input', () => {
    it.each<[string, Changes, object]>([
      ['a missing tokenizer', { 'tokenizer.json': null }, { code: 'tokenizer-missing', subject: 'tokenizer.json' }],
      ['a missing config', { 'config.json': null }, { code: 'config-missing', subject: 'config.json' }],
      ['a chat template that is no Jinja', { 'chat_template.jinja': '{% for %}' }, { code: 'chat-template-failed' }],
      [
        'no chat template at all',
        { 'chat_template.jinja': null, 'tokenizer_config.json': { ...modelJSON('smollm2-tiny', 'tokenizer_config.json'), chat_template: undefined } },
        { code: 'chat-template-missing' },
      ],
      ['a graph that is cut off', { 'onnx/model.onnx': tinyGraph.subarray(0, tinyGraph.length / 2) }, { code: 'model-corrupt' }],
      ['an HTML page in place of a file', { 'config.json': '<!doctype html><title>App</title>' }, { code: 'model-html-response', subject: 'config.json' }],
    ])('%s gets its own error', async (_, changes, expected) => {
      await expect(variant(changes).load()).rejects.toMatchObject(expected)
    })

    it('a wrong path names the path', async () => {
      const error: unknown = await open('./models/nowhere').load().catch((cause: unknown) => cause)
      expect(error).toMatchObject({ code: expect.stringMatching(/^model-(not-found|file-missing)$/) as string })
      expect(String(error)).toContain('nowhere')
    })

    it('a prompt longer than the context names both lengths', async () => {
      const config = { ...modelJSON('smollm2-tiny', 'config.json'), max_position_embeddings: 64 }
      const engine = variant({ 'config.json': config })
      await expect(collect(engine, { content: long })).rejects.toMatchObject({ code: 'context-overflow', message: expect.stringMatching(/\d{3,} tokens.* 64 /) as string })
      const { finish } = await collect(engine, { maxTokens: 500 })
      expect(finish.reason).toBe('length')
      expect(finish.metrics.promptTokens + finish.tokenIds.length).toBe(64)
    })

    it('a graph that is no decoder is refused with what was found', async () => {
      const engine = variant({ 'onnx/model.onnx': new Uint8Array(readFileSync(path.resolve(import.meta.dirname, '../fixtures/identity.onnx'))) })
      await expect(engine.load()).rejects.toMatchObject({ code: 'unsupported-architecture', subject: 'pixel_values' })
      expect(engine.getState().status).toBe('unsupported')
    })
  })
})

it('loads through the same steps without a worker', async () => {
  const request = nodeLoadRequest(modelFolder('smollm2-tiny'))
  const phases: string[] = []
  const platform = { openBinding: () => Promise.resolve(createNodeBinding(ort, 1)), storage: new NodeStorage(), fetch: nodeFetch }
  const runtime = await loadOnnxRuntime(request, platform, ({ phase }) => phases.push(phase))
  expect(phases[0]).toBe('resolving')
  expect(phases.slice(-2)).toEqual(['loading', 'warming-up'])
  await runtime.dispose()
})
