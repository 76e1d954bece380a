import * as ort from 'onnxruntime-node'
import path from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { answer } from '../../bench/accelerators/answer.js'
import { callRequests, copying, fiftyRequests, say } from '../../bench/accelerators/requests.js'
import { sides } from '../../bench/accelerators/sides.js'
import type { DecoderOptions } from '../../src/inference/generate/Decoder.js'
import { ChatCodec } from '../../src/inference/generate/ChatCodec.js'
import { DecoderRuntime } from '../../src/inference/generate/DecoderRuntime.js'
import { createNodeBinding } from '../../src/inference/runtimes/onnx/nodeBinding.js'
import { openOrtDecoder } from '../../src/inference/runtimes/onnx/openOrtDecoder.js'
import type { GenerateRequest } from '../../src/inference/types.js'
import { loadModelFiles, resolveModel } from '../../src/models/index.js'
import { nodeFetch } from '../../src/models/node.js'
import { modelFolder, type TestModel } from '../helpers/embeddedModel.js'
import { loadGrammarLibrary } from '../helpers/grammarLibrary.js'
import { openOnSimd } from '../helpers/simd/nodePlatform.js'

const root = path.resolve(import.meta.dirname, '../..')

async function open(model: TestModel, decoder: DecoderOptions, { dtype = 'q4', onOrt = false }: { dtype?: 'q4' | 'fp32' | 'q8'; onOrt?: boolean } = {}) {
  const source = resolveModel(modelFolder(model), { baseURL: 'file:///' })
  const files = await loadModelFiles(source, { device: 'cpu', adapterFeatures: [], dtype, fetch: nodeFetch })
  const open = () => (onOrt ? openOrtDecoder(createNodeBinding(ort, 2), files) : openOnSimd(files, 1))
  return DecoderRuntime.load({ open, model: source.options, files, codec: new ChatCodec(files, source.options), startedAt: 0, decoder, loadGrammar: loadGrammarLibrary })
}

async function askAll(runtime: DecoderRuntime, requests: readonly GenerateRequest[]) {
  const answers = []
  for (const request of requests) answers.push(await answer(runtime, request))
  await runtime.dispose()
  return answers
}

const total = (values: readonly (number | undefined)[]) => values.reduce<number>((sum, value) => sum + (value ?? 0), 0)

describe('with weights that know nothing, and every guess tried', () => {
  // As if a run cost the same whatever runs: then all that might come true is drafted.
  let clock = 0
  const pretendGPU = () => vi.spyOn(performance, 'now').mockImplementation(() => (clock += 1))
  afterEach(() => vi.restoreAllMocks())

  it('no accelerator changes a token of fifty answers', async () => {
    pretendGPU()
    const requests = fiftyRequests(root, 10).map((request, i) => ({
      ...request,
      maxTokens: request.tools ? 20 : 10,
      ...(request.tools && { toolChoice: 'required' as const, parallelToolCalls: false }),
      ...(i % 5 === 4 && { temperature: 1, seed: i }),
    }))
    const plain = await askAll(await open('smollm2-tiny', sides.none!), requests)
    for (const side of ['prefix reuse', 'jump-forward', 'speculation', 'all']) {
      const answers = await askAll(await open('smollm2-tiny', sides[side]!), requests)
      expect(answers.map(({ ids }) => ids), side).toEqual(plain.map(({ ids }) => ids))
      const guesses = total(answers.map(({ metrics }) => metrics.draftedTokens))
      expect(guesses > 20, `${side}: ${guesses} guesses`).toBe(sides[side]!.speculation)
    }
  })

  it.each(['q4', 'fp32'] as const)('ONNX Runtime gives the same tokens with drafts, for %s', async (dtype) => {
    pretendGPU()
    const requests = [...callRequests(root, 6).map((request) => ({ ...request, toolChoice: 'required' as const, maxTokens: 24 })), ...copying.map((content) => say(content, { maxTokens: 12 }))]
    const plain = await askAll(await open('smollm2-tiny', { speculation: false }, { dtype, onOrt: true }), requests)
    const drafted = await askAll(await open('smollm2-tiny', {}, { dtype, onOrt: true }), requests)
    expect(drafted.map(({ ids }) => ids)).toEqual(plain.map(({ ids }) => ids))
    expect(total(drafted.map(({ metrics }) => metrics.draftedTokens))).toBeGreaterThan(20)
  })
})

describe('the embedded model', () => {
  it('takes at most a third of a call’s tokens in forward passes, over the demos’ requests', async () => {
    const answers = await askAll(await open('function-caller', {}), callRequests(root, 14))
    const called = answers.filter(({ calls }) => calls > 0)
    expect(called.length).toBeGreaterThan(10)
    const passes = total(called.map(({ metrics }) => metrics.forwardPasses))
    expect(passes).toBeLessThanOrEqual(total(called.map(({ ids }) => ids.length)) / 3)
    expect(passes).toBeGreaterThan(called.length)
  })
})
