import { corruptFile } from './loadErrors.js'
import { ProtobufReader } from './ProtobufReader.js'

// Field numbers of onnx.proto: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
const model = { irVersion: 1, graph: 7, functions: 25 }
const graph = { node: 1, initializer: 5, sparseInitializer: 15 }
const functionProto = { node: 7 }
const node = { attribute: 5 }
const attribute = { tensor: 5, graph: 6, tensors: 10, graphs: 11 }
const sparseTensor = { values: 1, indices: 2 }
const tensor = { externalData: 13 }
const entry = { key: 1, value: 2 }

const deepestGraph = 32
/** Each is a request of its own; the largest models have some tens. */
const mostLocations = 1000
const longestText = 4096

/**
 * Checks that bytes are an ONNX model, whole at its outermost level.
 * @throws LLMError `model-corrupt`
 */
export function checkGraphMagic(path: string, bytes: Uint8Array): void {
  let hasVersion = false
  let graphs = 0
  try {
    for (const field of new ProtobufReader(bytes).fields()) {
      if (field.number === model.irVersion && field.bytes === undefined) hasVersion = true
      if (field.number === model.graph) graphs += field.bytes === undefined ? Infinity : 1
    }
  } catch (cause) {
    throw corruptFile(path, 'is not an ONNX graph, or not all of one.', cause)
  }
  if (!hasVersion || graphs !== 1) throw corruptFile(path, 'is not an ONNX graph.')
}

/**
 * Names of the files a graph keeps weights in, relative to its own folder, each once. Only walks
 * over field headers: weights inside the graph are not touched.
 * @throws LLMError `model-corrupt`
 */
export function externalDataLocations(path: string, bytes: Uint8Array): string[] {
  const locations = new Set<string>()
  try {
    for (const field of new ProtobufReader(bytes).fields()) {
      if (!field.bytes) continue
      if (field.number === model.graph) walkGraph(field.bytes, locations, 0)
      if (field.number === model.functions) walkNodes(field.bytes, functionProto.node, locations, 0)
    }
  } catch (cause) {
    throw corruptFile(path, 'is not an ONNX graph, or not all of one.', cause)
  }
  return [...locations]
}

function walkGraph(bytes: Uint8Array, locations: Set<string>, depth: number): void {
  if (depth > deepestGraph) throw new RangeError('Graphs are nested too deep')
  for (const field of new ProtobufReader(bytes).fields()) {
    if (!field.bytes) continue
    if (field.number === graph.initializer) readTensor(field.bytes, locations)
    else if (field.number === graph.sparseInitializer) readSparseTensor(field.bytes, locations)
    else if (field.number === graph.node) walkNode(field.bytes, locations, depth)
  }
}

function walkNodes(bytes: Uint8Array, nodeField: number, locations: Set<string>, depth: number): void {
  for (const field of new ProtobufReader(bytes).fields()) {
    if (field.bytes && field.number === nodeField) walkNode(field.bytes, locations, depth)
  }
}

function walkNode(bytes: Uint8Array, locations: Set<string>, depth: number): void {
  for (const field of new ProtobufReader(bytes).fields()) {
    if (!field.bytes || field.number !== node.attribute) continue
    for (const inner of new ProtobufReader(field.bytes).fields()) {
      if (!inner.bytes) continue
      if (inner.number === attribute.tensor || inner.number === attribute.tensors) readTensor(inner.bytes, locations)
      if (inner.number === attribute.graph || inner.number === attribute.graphs) {
        walkGraph(inner.bytes, locations, depth + 1)
      }
    }
  }
}

function readSparseTensor(bytes: Uint8Array, locations: Set<string>): void {
  for (const field of new ProtobufReader(bytes).fields()) {
    const isTensor = field.number === sparseTensor.values || field.number === sparseTensor.indices
    if (field.bytes && isTensor) readTensor(field.bytes, locations)
  }
}

function readTensor(bytes: Uint8Array, locations: Set<string>): void {
  for (const field of new ProtobufReader(bytes).fields()) {
    if (field.number !== tensor.externalData || !field.bytes) continue
    let key = ''
    let value = ''
    for (const part of new ProtobufReader(field.bytes).fields()) {
      if (part.number === entry.key && part.bytes) key = decode(part.bytes)
      if (part.number === entry.value && part.bytes) value = decode(part.bytes)
    }
    if (key === 'location') locations.add(value)
    if (locations.size > mostLocations) throw new RangeError(`It names more than ${mostLocations} files`)
  }
}

// TextDecoder refuses views of shared memory, where weights may lie; slices are copies outside of it.
function decode(bytes: Uint8Array): string {
  if (bytes.length > longestText) throw new RangeError(`A name has ${bytes.length} bytes`)
  return new TextDecoder().decode(bytes.slice())
}
