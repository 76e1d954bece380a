import * as ort from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { families, readFixture, type Family } from '../../../test/helpers/simd/openFixture.js'
import { readOnnxGraph, type ModelFiles, type OnnxGraph } from '../../models/index.js'
import { createNodeBinding } from '../runtimes/onnx/nodeBinding.js'
import { openOrtDecoder } from '../runtimes/onnx/openOrtDecoder.js'
import { splitProjections } from '../../../test/helpers/splitProjections.js'
import { optimizeForGPU, type GPUChanges, type GPUGraph } from './optimizeForGPU.js'
import { gpuInputs } from './gpuInputs.js'

function optimized(graph: ModelFiles['graph'], changes?: GPUChanges): GPUGraph & { graph: OnnxGraph } {
  const result = optimizeForGPU(graph, changes)!
  return { ...result, graph: readOnnxGraph(graph.path, result.bytes) }
}

const count = ({ nodes }: OnnxGraph, opType: string) => nodes.filter((node) => node.opType === opType).length

/** Logits after each token, from ONNX Runtime on the CPU. */
async function logitsOf(family: Family, graph: ModelFiles['graph']): Promise<number[][]> {
  const { config, tokens } = readFixture(family)
  const { backend } = await openOrtDecoder(createNodeBinding(ort, 1), { config, graph } as ModelFiles)
  const rows = [[...(await backend.feed(tokens.slice(0, 5)))]]
  for (const token of tokens.slice(5, 12)) rows.push([...(await backend.feed([token]))])
  await backend.dispose()
  return rows
}

function furthest(one: number[][], other: number[][]): number {
  return Math.max(...one.flatMap((row, i) => row.map((value, j) => Math.abs(value - other[i]![j]!))))
}

describe('optimizeForGPU', () => {
  it.each(['llama', 'llama3', 'granite', 'mistral'] as const)('finds every gated MLP of %s', (family) => {
    const { config, graph } = readFixture(family)
    const { fusedMLPs, graph: made } = optimized(graph)
    expect(fusedMLPs).toBe(config.num_hidden_layers)
    expect(count(made, 'MatMulNBitsMlp')).toBe(config.num_hidden_layers)
    for (const gone of ['Sigmoid', 'Split']) expect(count(made, gone)).toBe(0)
  })

  it('leaves MLPs alone that the operator cannot do: another gate, zero points', () => {
    for (const family of ['gemma3', 'qwen2'] as const) expect(optimized(readFixture(family).graph).fusedMLPs).toBe(0)
  })

  it('takes the halves of the gate from where they lie', () => {
    const { graph } = readFixture('llama')
    const before = readOnnxGraph(graph.path, graph.bytes)
    const { graph: after, externalData } = optimized(graph)
    const [gate, up] = ['gate', 'up'].map((role) => after.tensors.get(`layers.1.gate_up.out.${role}.weight`)!)
    const { offset, length } = before.tensors.get('layers.1.gate_up.weight')!.place!
    expect([gate!.place!.offset, up!.place!.offset]).toEqual([offset, offset + length / 2])
    const file = externalData.find(({ path }) => path === gate!.place!.file)!
    expect(file.bytes).toBe(graph.bytes)
  })

  it.each(['llama', 'llama3', 'granite', 'granite4', 'qwen2'] as const)('has nothing but dispatches in %s', (family) => {
    const { isResident, graph } = optimized(readFixture(family).graph)
    expect(isResident).toBe(true)
    for (const copying of ['Identity', 'Reshape', 'Shape', 'Slice', 'Squeeze', 'ReduceSum', 'Cast']) expect(count(graph, copying)).toBe(0)
    expect(graph.inputs).not.toContain('attention_mask')
    expect(graph.inputs).toEqual(expect.arrayContaining(Object.values(gpuInputs)))
    expect(graph.outputs[0]).toBe('logits')
  })

  it.each(['gemma3', 'mistral', 'qwen3'] as const)('does not record %s: windows, norms of queries', (family) => {
    const { isResident, graph } = optimized(readFixture(family).graph)
    expect(isResident).toBe(false)
    expect(graph.inputs).toContain('attention_mask')
  })

  it.each(families.filter((family) => family !== 'granite4'))('writes %s so that ONNX Runtime computes the same', async (family) => {
    const { graph } = readFixture(family)
    const rewritten = optimizeForGPU(graph, { fuseMLP: false, reside: false })!
    expect(furthest(await logitsOf(family, graph), await logitsOf(family, { ...graph, ...rewritten }))).toBeLessThan(1e-4)
  })

  it('packs separate projections, which compute the same', async () => {
    const graph = splitProjections(readFixture('llama').graph)
    expect(count(readOnnxGraph('g', graph.bytes), 'MatMulNBits')).toBe(9 + 2 * 2)
    const packed = optimized(graph, { fuseMLP: false, reside: false })
    expect(packed.packedProjections).toBe(2)
    expect(count(packed.graph, 'MatMulNBits')).toBe(9)
    const original = await logitsOf('llama', readFixture('llama').graph)
    expect(furthest(original, await logitsOf('llama', graph))).toBeLessThan(1e-4)
    expect(furthest(original, await logitsOf('llama', { ...graph, bytes: packed.bytes, externalData: packed.externalData }))).toBeLessThan(1e-4)
  })

  it('keeps no weights in the graph', () => {
    const { graph } = readFixture('llama')
    const { bytes } = optimized(graph)
    expect(bytes.length).toBeLessThan(graph.bytes.length / 3)
  })
})
