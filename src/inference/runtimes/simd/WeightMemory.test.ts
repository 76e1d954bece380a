import { afterEach, describe, expect, it, vi } from 'vitest'
import type { ModelFiles } from '../../../models/index.js'
import { WeightMemory } from './WeightMemory.js'

const large = 17 * 2 ** 20

afterEach(() => {
  vi.restoreAllMocks()
})

/** Lets a file of one repeated byte arrive. */
function arrive(weights: WeightMemory, path: string, size: number, byte: number): Uint8Array {
  return weights.place(path, size).fill(byte)
}

function graphOf(bytes: Uint8Array, ...externalData: Uint8Array[]): ModelFiles['graph'] {
  return { path: 'onnx/model.onnx', bytes, externalData: externalData.map((data, i) => ({ path: `data_${i}`, bytes: data })) }
}

describe.each([
  ['of its own', false],
  ['that is shared', true],
])('a memory %s', (_, shared) => {
  it('is where the first large file arrives; what comes beside it does not end its view and follows later', () => {
    const weights = new WeightMemory(shared)
    const graph = arrive(weights, 'onnx/model.onnx', 1000, 1)
    const first = arrive(weights, 'onnx/model.onnx_data', large, 2)
    const second = arrive(weights, 'onnx/model.onnx_data_1', large, 3)
    expect(weights.place('onnx/model.onnx_data', large)).toBe(first)
    for (const [bytes, size, byte] of [[graph, 1000, 1], [first, large, 2], [second, large, 3]] as const) {
      expect(bytes).toHaveLength(size)
      expect(bytes.at(-1)).toBe(byte)
    }
    const files = graphOf(graph, first, second)
    const { buffer, byteOffset } = first
    const { memory, addresses } = weights.take(files)
    expect(memory.shared).toBe(shared)
    // No second copy of the large file.
    expect(addresses[1]).toBe(byteOffset)
    if (shared) expect(buffer).toBeInstanceOf(SharedArrayBuffer)
    for (const [i, size] of [1000, large, large].entries()) {
      const address = addresses[i]!
      expect([address, address + size - 1].map((at) => memory.bytes()[at])).toEqual([i + 1, i + 1])
    }
    const renewed = weights.renew(files)
    expect([renewed.bytes, ...renewed.externalData.map(({ bytes }) => bytes)].map((bytes) => [bytes.length, bytes[0], bytes.at(-1)])).toEqual([
      [1000, 1, 1],
      [large, 2, 2],
      [large, 3, 3],
    ])
  })

  it('takes files that came without their size', () => {
    const weights = new WeightMemory(shared)
    const { memory, addresses } = weights.take(graphOf(new Uint8Array(500).fill(7)))
    expect(memory.bytes().subarray(addresses[0], addresses[0]! + 500)).toEqual(new Uint8Array(500).fill(7))
  })
})

it('is not shared where shared memory cannot be had', () => {
  const { Memory } = WebAssembly
  vi.spyOn(WebAssembly, 'Memory').mockImplementation(function (descriptor: WebAssembly.MemoryDescriptor) {
    if (descriptor.shared) throw new RangeError('could not allocate memory')
    return new Memory(descriptor)
  })
  const weights = new WeightMemory(true)
  expect(weights.take(graphOf(arrive(weights, 'g', large, 1))).memory.shared).toBe(false)
})

it('that cannot be had at all is a typed error, and the files are there for others', () => {
  vi.spyOn(WebAssembly, 'Memory').mockImplementation(function () {
    throw new RangeError('could not allocate memory')
  })
  const weights = new WeightMemory(true)
  const files = graphOf(arrive(weights, 'g', large, 1))
  expect(() => weights.take(files)).toThrow(expect.objectContaining({ code: 'out-of-memory' }))
  expect(weights.renew(files).bytes.at(-1)).toBe(1)
})
