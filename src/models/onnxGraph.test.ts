import { readFileSync } from 'node:fs'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { checkGraphMagic, externalDataLocations } from './onnxGraph.js'

function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`../../test/fixtures/${name}`, import.meta.url)))
}

const graph = fixture('external-data.onnx')
const corrupt = expect.objectContaining({ code: 'model-corrupt', subject: 'g.onnx' }) as Error

describe('externalDataLocations', () => {
  it('finds files of initializers, constants and branches, each once', () => {
    expect(externalDataLocations('g.onnx', fixture('external-data-branch.onnx')).sort()).toEqual([
      'external-data.onnx_data',
      'external-data.onnx_data_1',
      'weights/constant.bin',
    ])
  })

  it('gives the names that ONNX Runtime mounts the files by', async () => {
    const values: Record<string, number> = { 'external-data.onnx_data': 1, 'weights/constant.bin': 2 }
    const externalData = externalDataLocations('g.onnx', graph).map((path) => ({
      path,
      data: new Uint8Array(new Float32Array(4).fill(values[path] ?? Number.NaN).buffer),
    }))
    const session = await InferenceSession.create(graph, { externalData })
    const { y } = await session.run({ x: new Tensor('float32', [10, 20, 30, 40], [4]) })
    expect(Array.from(y?.data as Float32Array)).toEqual([13, 23, 33, 43])
  })

  it('refuses a graph cut anywhere inside it', () => {
    for (let length = 1; length < graph.length - 12; length++) {
      expect(() => {
        checkGraphMagic('g.onnx', graph.subarray(0, length))
        externalDataLocations('g.onnx', graph.subarray(0, length))
      }).toThrow(corrupt)
    }
  })
})

describe('checkGraphMagic', () => {
  it('accepts an ONNX model', () => {
    expect(() => checkGraphMagic('g.onnx', graph)).not.toThrow()
  })

  it.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array()],
    ['zeros', new Uint8Array(64)],
    ['text', new TextEncoder().encode('{"error":"not found"}')],
    ['a safetensors header', Uint8Array.of(8, 0, 0, 0, 0, 0, 0, 0, ...new TextEncoder().encode('{"a":{}}'))],
    ['GGUF', new TextEncoder().encode('GGUF\u0003\u0000\u0000\u0000')],
    ['another protobuf message', Uint8Array.of(0x08, 8, 0x12, 2, 65, 65)],
    ['a field of 16 EiB', Uint8Array.of(0x08, 8, 0x3a, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1)],
  ])('refuses %s', (_name, bytes) => {
    expect(() => checkGraphMagic('g.onnx', bytes)).toThrow(corrupt)
  })

  it('ends quickly on random bytes', () => {
    let seed = 1
    for (let round = 0; round < 500; round++) {
      const bytes = new Uint8Array(256).map(() => (seed = (seed * 48271) % 2147483647) & 255)
      expect(() => checkGraphMagic('g.onnx', bytes)).toThrow(corrupt)
    }
  })
})

it('refuses graphs nested without end', () => {
  const wrap = (tag: number, inner: number[]): number[] => [tag, inner.length % 128 | 128, Math.floor(inner.length / 128), ...inner]
  let nested: number[] = []
  // A graph in an attribute (0x32) of a node (0x2a) of a graph (0x0a), and so on.
  for (let depth = 0; depth < 40; depth++) nested = wrap(0x0a, wrap(0x2a, wrap(0x32, nested)))
  const bytes = Uint8Array.from([0x08, 8, ...wrap(0x3a, nested)])
  expect(() => externalDataLocations('g.onnx', bytes)).toThrow(corrupt)
})
