import { InferenceSession } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { expandProducts } from '../../src/inference/graph/expandProducts.js'
import { optimizeForGPU } from '../../src/inference/graph/optimizeForGPU.js'
import { attributeProto, graphProto, modelProto, nodeProto, tensorProto } from '../../src/inference/graph/onnxFields.js'
import { ProtobufWriter } from '../../src/inference/graph/ProtobufWriter.js'
import { sessionCreationError } from '../../src/inference/runtimes/onnx/ortErrors.js'
import { planModel } from '../../src/inference/runtimes/simd/planModel.js'
import { onnxType, readOnnxGraph } from '../../src/models/index.js'
import { checkGraphMagic, externalDataLocations } from '../../src/models/onnxGraph.js'

const corrupt = expect.objectContaining({ name: 'LLMError', code: 'model-corrupt', subject: 'g.onnx' }) as Error

function model(write: (graph: ProtobufWriter) => void): Uint8Array {
  return new ProtobufWriter().integer(1, 8).message(modelProto.graph, write).finish()
}

function node(graph: ProtobufWriter, opType: string, inputs: string[], outputs: string[], attributes: Record<string, number> = {}): void {
  graph.message(graphProto.node, (message) => {
    for (const input of inputs) message.text(nodeProto.input, input)
    for (const output of outputs) message.text(nodeProto.output, output)
    message.text(nodeProto.opType, opType)
    for (const [name, value] of Object.entries(attributes)) {
      message.message(nodeProto.attribute, (attribute) => attribute.text(attributeProto.name, name).integer(attributeProto.i, value))
    }
  })
}

function tensor(graph: ProtobufWriter, dims: number[], fill: (message: ProtobufWriter) => void, type: number = onnxType.float): void {
  graph.message(graphProto.initializer, (message) => {
    for (const dim of dims) message.integer(tensorProto.dims, dim)
    fill(message.integer(tensorProto.dataType, type).text(tensorProto.name, 'w'))
  })
}

function external(message: ProtobufWriter, entries: Record<string, string>): void {
  for (const [key, value] of Object.entries(entries)) message.message(tensorProto.external, (entry) => entry.text(1, key).text(2, value))
}

const raw = (message: ProtobufWriter): ProtobufWriter => message.bytes(tensorProto.raw, new Uint8Array(16))

describe('a graph that is not to be trusted', () => {
  it.each<[string, Uint8Array]>([
    ['a shape of terabytes over 16 bytes', model((graph) => tensor(graph, [1e6, 1e6], raw))],
    ['a shape beyond all numbers', model((graph) => tensor(graph, [2 ** 40, 2 ** 40, 2 ** 40], raw))],
    ['a negative shape', model((graph) => tensor(graph, [-4, -1], raw))],
    ['a shape of a thousand dimensions', model((graph) => tensor(graph, new Array<number>(1000).fill(1), raw))],
    ['external data before its file', model((graph) => tensor(graph, [4], (message) => external(message, { location: 'w', offset: '-16', length: '16' })))],
    ['external data at no number', model((graph) => tensor(graph, [4], (message) => external(message, { location: 'w', offset: 'x' })))],
    ['external data of another size than its shape', model((graph) => tensor(graph, [4], (message) => external(message, { location: 'w', length: '1000000000000' })))],
    ['more nodes than any model', model((graph) => Array.from({ length: 50_001 }, () => node(graph, 'X', [], [])))],
    ['a name of megabytes', model((graph) => node(graph, 'x'.repeat(1_000_000), [], []))],
  ])('is refused: %s', (_what, bytes) => {
    expect(() => readOnnxGraph('g.onnx', bytes)).toThrow(corrupt)
  })

  it.each<[string, Uint8Array]>([
    ['a thousand files', model((graph) => Array.from({ length: 1001 }, (_, i) => tensor(graph, [4], (message) => external(message, { location: `w${i}` }))))],
    ['a file name of kilobytes', model((graph) => tensor(graph, [4], (message) => external(message, { location: 'x'.repeat(5000) })))],
  ])('asks for no files: %s', (_what, bytes) => {
    expect(() => externalDataLocations('g.onnx', bytes)).toThrow(corrupt)
  })

  it('is one graph', () => {
    const two = new ProtobufWriter().integer(1, 8).message(modelProto.graph, () => undefined).message(modelProto.graph, () => undefined).finish()
    expect(() => checkGraphMagic('g.onnx', two)).toThrow(corrupt)
    expect(() => checkGraphMagic('g.onnx', new ProtobufWriter().integer(1, 8).integer(modelProto.graph, 5).finish())).toThrow(corrupt)
  })

  it('has the elements of large tensors read by nobody', () => {
    const numbers = new Uint8Array(1_000_000).fill(1)
    const graph = readOnnxGraph('g.onnx', model((graph) => tensor(graph, [1_000_000], (message) => message.bytes(5, numbers), onnxType.int32)))
    expect(graph.tensors.get('w')).toMatchObject({ values: undefined, place: undefined })
  })
})

describe('a graph that the SIMD core plans', () => {
  const config = { model_type: 'llama' }
  const reasonOf = (bytes: Uint8Array): string | undefined => planModel(config, { path: 'g.onnx', bytes, externalData: [] }).reason

  it.each<[string, (graph: ProtobufWriter) => void]>([
    ['a cycle of casts', (graph) => (node(graph, 'Cast', ['b'], ['a']), node(graph, 'Cast', ['a'], ['b']))],
    ['a node that takes what it makes', (graph) => node(graph, 'Add', ['a', 'input_ids'], ['a'])],
    ['a cycle behind the norm', (graph) => (node(graph, 'Gather', ['w', 'input_ids'], ['n']), node(graph, 'Reshape', ['n', 'y'], ['x']), node(graph, 'Reshape', ['x'], ['y']))],
  ])('ends: %s', (_what, write) => {
    expect(reasonOf(model(write))).toContain('which is made behind it')
  })

  it.each<[string, (graph: ProtobufWriter) => void]>([
    ['an operator that nobody knows', (graph) => node(graph, 'Frobnicate', ['input_ids'], ['logits'])],
    ['a chain of 40 000 casts', (graph) => Array.from({ length: 40_000 }, (_, i) => node(graph, 'Cast', [i === 0 ? 'input_ids' : `v${i - 1}`], [`v${i}`]))],
    ['no nodes', () => undefined],
    ['nodes without inputs and outputs', (graph) => (node(graph, 'GroupQueryAttention', [], []), node(graph, 'MatMulNBits', [], []))],
  ])('says why it does not run it: %s', (_what, write) => {
    const startedAt = performance.now()
    expect(reasonOf(model(write))).toEqual(expect.any(String))
    expect(performance.now() - startedAt).toBeLessThan(5000)
  })

  it('is written anew for ONNX Runtime within bounds, or left to it', () => {
    const absurd = model((graph) => {
      node(graph, 'MatMulNBits', ['x', 'w', 'w'], ['y'], { N: 1e9, K: 1e9, bits: 4, block_size: 32 })
      node(graph, 'MatMulNBits', ['y', 'w', 'w'], ['z'], { N: -64, K: 64, bits: 4, block_size: -32 })
      tensor(graph, [4], raw)
    })
    const graph = { path: 'g.onnx', bytes: absurd, externalData: [] }
    expect(expandProducts(graph)).toBeUndefined()
    expect(() => optimizeForGPU(graph)).not.toThrow()
  })
})

describe('a graph that ONNX Runtime is given', () => {
  /** A graph from x to y, both of four floats. */
  const runnable = (write: (graph: ProtobufWriter) => void): Uint8Array => {
    const value = (name: string) => (message: ProtobufWriter) =>
      message.text(1, name).message(2, (type) =>
        type.message(1, (tensorType) => tensorType.integer(1, onnxType.float).message(2, (shape) => shape.message(1, (dimension) => dimension.integer(1, 4)))),
      )
    const graph = (message: ProtobufWriter): void => {
      write(message.text(graphProto.name, 'g'))
      message.message(graphProto.input, value('x')).message(graphProto.output, value('y'))
    }
    return new ProtobufWriter().integer(1, 8).message(modelProto.graph, graph).message(8, (opset) => opset.text(1, '').integer(2, 17)).finish()
  }
  const elsewhere = (message: ProtobufWriter, entries: Record<string, string>): void => {
    external(message, entries)
    message.integer(tensorProto.dataLocation, 1)
  }

  it.each<[string, string, (graph: ProtobufWriter) => void]>([
    ['an operator that nobody knows', 'unsupported-architecture', (graph) => node(graph, 'Frobnicate', ['x'], ['y'])],
    ['a cycle', 'session-failed', (graph) => (node(graph, 'Add', ['x', 'b'], ['a']), node(graph, 'Add', ['a', 'x'], ['b']), node(graph, 'Add', ['a', 'b'], ['y']))],
    ['a shape of terabytes', 'session-failed', (graph) => (node(graph, 'Add', ['x', 'w'], ['y']), tensor(graph, [1e6, 1e6], raw))],
    ['a shape below zero', 'session-failed', (graph) => (node(graph, 'Add', ['x', 'w'], ['y']), tensor(graph, [-4], raw))],
    ['terabytes elsewhere', 'session-failed', (graph) => (node(graph, 'Add', ['x', 'w'], ['y']), tensor(graph, [1e6, 1e6], (message) => elsewhere(message, { location: 'w.bin', offset: '0', length: '4000000000000' })))],
    ['weights outside of their file', 'external-data-missing', (graph) => (node(graph, 'Add', ['x', 'w'], ['y']), tensor(graph, [4], (message) => elsewhere(message, { location: 'w.bin', offset: '1000000', length: '16' })))],
  ])('%s is %s', async (_what, code, write) => {
    const options = { logSeverityLevel: 4 as const, externalData: [{ path: 'w.bin', data: new Uint8Array(64) }] }
    const error = await InferenceSession.create(runnable(write), options).then(
      () => undefined,
      (cause: unknown) => sessionCreationError(cause, 'g.onnx'),
    )
    expect(error).toMatchObject({ name: 'LLMError', code, subject: 'g.onnx' })
  })
})
