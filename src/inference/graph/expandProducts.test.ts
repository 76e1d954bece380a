import * as ort from 'onnxruntime-node'
import { expect, it } from 'vitest'
import { readFixture, type Fixture } from '../../../test/helpers/simd/openFixture.js'
import { readOnnxGraph, type ModelFiles } from '../../models/index.js'
import { createNodeBinding } from '../runtimes/onnx/nodeBinding.js'
import { openOrtDecoder } from '../runtimes/onnx/openOrtDecoder.js'
import { expandProducts } from './expandProducts.js'
import { externalizeWeights } from './externalizeWeights.js'

async function furthest({ config, tokens, logits }: Fixture, graph: ModelFiles['graph']): Promise<number> {
  const { backend } = await openOrtDecoder(createNodeBinding(ort, 1), { config, graph } as ModelFiles)
  let most = 0
  for (const [at, token] of tokens.entries()) {
    const row = await backend.feed([token])
    row.forEach((value, i) => (most = Math.max(most, Math.abs(value - logits[at * backend.vocabSize + i]!))))
  }
  await backend.dispose()
  return most
}

it.each(['llama', 'qwen2', 'gemma3', 'granite'] as const)('computes with the floats behind the weights of %s: 4 and 8 bits, zero points', async (family) => {
  const fixture = readFixture(family)
  const expanded = expandProducts(fixture.graph)!
  expect(readOnnxGraph('g', expanded.bytes).nodes.some(({ opType }) => opType === 'MatMulNBits')).toBe(false)
  expect(await furthest(fixture, { ...fixture.graph, ...expanded })).toBeLessThan(1e-3)
})

it('has nothing to do for graphs without such products', () => {
  const fixture = readFixture('llama')
  const expanded = expandProducts(fixture.graph)!
  expect(expandProducts({ ...fixture.graph, ...expanded })).toBeUndefined()
})

it('is what ONNX Runtime gets in WebAssembly, and is told', async () => {
  const { config, graph, tokens } = readFixture('llama')
  const native = createNodeBinding(ort, 1)
  const requests: number[] = []
  const createSession: typeof native.createSession = (request) => {
    requests.push(request.graph.bytes.length)
    return native.createSession(request)
  }
  const reasons: string[] = []
  for (const device of ['wasm', 'cpu'] as const) {
    const { backend, reason } = await openOrtDecoder({ ...native, device, createSession }, { config, graph } as ModelFiles, ': the core cannot')
    expect(await backend.feed(tokens.slice(0, 3))).toHaveLength(backend.vocabSize)
    reasons.push(reason)
    await backend.dispose()
  }
  expect(requests).toEqual([expandProducts(graph)!.bytes.length, graph.bytes.length])
  expect(reasons[0]).toContain('expanded to floats')
  expect(reasons[1]).toBe('ONNX Runtime runs the graph on the CPU: the core cannot')
})

it('is the same graph where there is nothing to expand, with its weights left in the file', async () => {
  const fixture = readFixture('llama')
  const external = externalizeWeights(fixture.graph)!
  expect(external.bytes.length).toBeLessThan(fixture.graph.bytes.length / 2)
  expect(external.externalData.map(({ bytes }) => bytes)).toEqual([fixture.graph.bytes])
  expect(await furthest(fixture, { ...fixture.graph, ...external })).toBeLessThan(1e-3)

  const expanded = { ...fixture.graph, ...expandProducts(fixture.graph)! }
  const native = createNodeBinding(ort, 1)
  const given: number[] = []
  const createSession: typeof native.createSession = (request) => {
    given.push(request.graph.bytes.length, request.graph.externalData.length)
    return native.createSession(request)
  }
  const { backend, reason } = await openOrtDecoder({ ...native, device: 'wasm', createSession }, { config: fixture.config, graph: expanded } as ModelFiles)
  await backend.dispose()
  expect(given).toEqual([expanded.bytes.length, expanded.externalData.length])
  expect(reason).not.toContain('expanded')
})
