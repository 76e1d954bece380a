import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { onnxType, readOnnxGraph } from './onnxTensors.js'

function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../../test/fixtures/${name}`, import.meta.url)))
}

const file = fixture('simd/qwen2/onnx/model_q4.onnx')
const corrupt = expect.objectContaining({ code: 'model-corrupt', subject: 'g.onnx' }) as Error

describe('readOnnxGraph', () => {
  const graph = readOnnxGraph('g.onnx', file)

  it('finds tensors where they lie, with type and shape', () => {
    const scale = graph.tensors.get('layers.0.qkv.scale')!
    const weight = graph.tensors.get('layers.0.qkv.weight')!
    expect([weight.type, scale.type]).toEqual([onnxType.uint8, onnxType.float16])
    expect(weight.dims).toEqual([128, 4, 8])
    expect(weight.place).toMatchObject({ file: undefined, length: 128 * 4 * 8 })
    expect(weight.values).toBeUndefined()
    for (const { place } of graph.tensors.values()) {
      if (place) expect(place.offset + place.length).toBeLessThanOrEqual(file.length)
    }
    // The norm's weights are near 1, which no other place of the file is.
    const norm = graph.tensors.get('norm.weight')!
    const view = new DataView(file.buffer, norm.place!.offset, norm.place!.length)
    const elements = Array.from({ length: 64 }, (_, i) => view.getFloat32(4 * i, true))
    expect(norm.dims).toEqual([64])
    const mean = elements.reduce((a, b) => a + b) / 64
    expect(mean).toBeGreaterThan(0.5)
    expect(mean).toBeLessThan(2)
  })

  it('reads nodes with their attributes and small constants', () => {
    const product = graph.nodes.find(({ name }) => name === 'layers.0.qkv')!
    expect(product.opType).toBe('MatMulNBits')
    expect(Object.fromEntries(product.attributes)).toMatchObject({ K: 64, N: 128, bits: 4, block_size: 16 })
    const norm = graph.nodes.find(({ name }) => name === 'layers.0.input_norm')!
    expect(norm.attributes.get('axis')).toBe(-1)
    expect(norm.attributes.get('epsilon')).toBeCloseTo(1e-6, 10)
    expect(norm.inputs).toEqual(['embed_tokens.out', 'layers.0.input_norm.weight'])
    expect(graph.tensors.get('const.shape.1')).toMatchObject({ type: onnxType.int64, values: [1] })
    expect(graph.inputs.slice(0, 2)).toEqual(['input_ids', 'attention_mask'])
    expect(graph.outputs[0]).toBe('logits')
  })

  it('does not copy or move with the memory it reads', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(file.length + 7), 7)
    shared.set(file)
    const other = readOnnxGraph('g.onnx', shared)
    expect([...other.tensors].map(([name, { place }]) => [name, place])).toEqual([...graph.tensors].map(([name, { place }]) => [name, place]))
    expect(other.nodes).toEqual(graph.nodes)
  })

  it('tells external data by its file', () => {
    const places = [...readOnnxGraph('g.onnx', fixture('external-data.onnx')).tensors.values()].map(({ place }) => place)
    expect(places).toContainEqual({ file: 'external-data.onnx_data', offset: 0, length: 16 })
  })

  it('refuses a graph cut anywhere inside it', () => {
    for (let length = 0; length < file.length; length += 997) {
      expect(() => readOnnxGraph('g.onnx', file.subarray(0, length))).toThrow(corrupt)
    }
  })

  it('reads bytes damaged at random or refuses them', () => {
    let seed = 1
    const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below
    for (let round = 0; round < 300; round++) {
      const damaged = file.slice()
      for (let i = 0; i < 20; i++) damaged[random(3000)] = random(256)
      try {
        for (const { place } of readOnnxGraph('g.onnx', damaged).tensors.values()) {
          if (place && place.file === undefined) expect(place.offset + place.length).toBeLessThanOrEqual(file.length)
        }
      } catch (error) {
        expect(error).toEqual(corrupt)
      }
    }
  })
})
