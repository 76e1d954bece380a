import * as ort from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { readFixture } from '../../../../test/helpers/simd/openFixture.js'
import { readOnnxGraph, type ModelFiles } from '../../../models/index.js'
import type { OpenedDecoder } from '../../generate/DecoderRuntime.js'
import { expandProducts } from '../../graph/expandProducts.js'
import { drainable, DrainedFile } from './DrainedFile.js'
import { createNodeBinding } from './nodeBinding.js'
import { openOrtDecoder } from './openOrtDecoder.js'
import { SpentWeights } from './SpentWeights.js'

const size = 2 ** 21

function filled(): Uint8Array {
  const file = drainable(size)
  for (let i = 0; i < size; i++) file[i] = (i * 31) % 251
  return file
}

describe('a file that is drained', () => {
  const pieces = [
    { offset: 1_000_000, length: 500_000, once: true },
    { offset: 100, length: 1000, once: false },
    { offset: 2000, length: 90_000, once: true },
  ]

  it('gives every piece, and gives its memory back when the next one is asked for', () => {
    const expected = filled().slice()
    const file = filled()
    const buffer = file.buffer
    const draining = DrainedFile.over(file, pieces)!
    expect(buffer.byteLength).toBe(0)
    expect(draining).toBeInstanceOf(Uint8Array)
    expect(draining.byteLength).toBe(size)
    const first = draining.subarray(2000, 92_000)
    expect(Buffer.compare(first, expected.subarray(2000, 92_000))).toBe(0)
    const second = draining.subarray(1_000_000, 1_500_000)
    expect(Buffer.compare(second, expected.subarray(1_000_000, 1_500_000))).toBe(0)
    expect([first.length, second.length]).toEqual([0, 500_000])
    for (let i = 0; i < 2; i++) expect(Buffer.compare(draining.subarray(100, 1100), expected.subarray(100, 1100))).toBe(0)
    expect(second).toHaveLength(0)
    expect(draining.wasMissed).toBe(false)
  })

  it('says so where something is asked for twice, or is no piece', () => {
    const draining = DrainedFile.over(filled(), pieces)!
    draining.subarray(2000, 92_000)
    expect(() => draining.subarray(2000, 92_000)).toThrow(RangeError)
    expect(draining.wasMissed).toBe(true)
    expect(() => DrainedFile.over(filled(), pieces)!.subarray(100, 1101)).toThrow(RangeError)
  })

  it('is left alone where its memory cannot shrink, and where pieces overlap', () => {
    expect(DrainedFile.over(new Uint8Array(size), pieces)).toBeUndefined()
    const file = filled()
    expect(DrainedFile.over(file, [...pieces, { offset: 150, length: 10, once: true }])).toBeUndefined()
    expect(DrainedFile.over(file, [{ offset: size - 5, length: 10, once: true }])).toBeUndefined()
    expect(file).toHaveLength(size)
  })
})

/** A copy in memory that can shrink, however small it is. */
function shrinkable(bytes: Uint8Array): Uint8Array {
  const make = ArrayBuffer as unknown as new (size: number, options: { maxByteLength: number }) => ArrayBuffer
  const copy = new Uint8Array(new make(bytes.length, { maxByteLength: bytes.length }))
  copy.set(bytes)
  return copy
}

/** ONNX Runtime's native build, which reads external data as the one for browsers does: every tensor so many times. */
function bindingThatReads(times: number) {
  const native = createNodeBinding(ort, 1)
  const createSession: typeof native.createSession = ({ graph, ...request }) => {
    const places = [...readOnnxGraph('graph', graph.bytes).tensors.values()].flatMap(({ place }) => (place?.file === undefined ? [] : [place]))
    const externalData = graph.externalData.map(({ path, bytes }) => ({ path, bytes: new Uint8Array(bytes.byteLength) }))
    for (let time = 0; time < times; time++) {
      for (const { file, offset, length } of places) {
        const given = graph.externalData.find(({ path }) => path === file)!.bytes.subarray(offset, offset + length)
        externalData.find(({ path }) => path === file)!.bytes.set(given, offset)
      }
    }
    return native.createSession({ ...request, graph: { ...graph, externalData } })
  }
  return { ...native, device: 'wasm' as const, createSession }
}

describe('a model that is drained', () => {
  const { config, graph, tokens } = readFixture('llama')
  const files = () => {
    const expanded = expandProducts(graph)!
    return { config, graph: { ...graph, ...expanded, externalData: expanded.externalData.map(({ path, bytes }) => ({ path, bytes: shrinkable(bytes) })) } } as ModelFiles
  }
  const logitsOf = async (opened: OpenedDecoder) => {
    const logits = (await opened.backend.feed(tokens)).slice()
    await opened.backend.dispose()
    return logits
  }

  it('is the same to ONNX Runtime, and leaves nothing behind', async () => {
    const expected = await logitsOf(await openOrtDecoder(createNodeBinding(ort, 1), files()))
    const given = files()
    expect(await logitsOf(await openOrtDecoder(bindingThatReads(1), given))).toEqual(expected)
    expect(given.graph.externalData.map(({ bytes }) => bytes.length)).toEqual(given.graph.externalData.map(() => 0))
  })

  it('says that it has to be read once more where weights are read twice', async () => {
    await expect(openOrtDecoder(bindingThatReads(2), files())).rejects.toBeInstanceOf(SpentWeights)
  })
})
