import { ProtobufReader, readOnnxGraph, type ExternalDataFile, type ModelFiles, type OnnxAttribute, type OnnxTensor, type ProtobufField } from '../../models/index.js'
import { graphProto, modelProto, nodeProto, valueInfoProto } from './onnxFields.js'

/** An attribute to write: whole numbers and floats are different types in ONNX. */
export type NewAttribute = { int: number } | { ints: readonly number[] } | { float: number } | { text: string }

/** An operator of a graph that is being changed. */
export interface DraftNode {
  opType: string
  /** Empty for ONNX's own operators. */
  domain: string
  inputs: string[]
  outputs: string[]
  /** As read; empty for new nodes. */
  attributes: ReadonlyMap<string, OnnxAttribute>
  /** Fields beside inputs and outputs, kept as they were read. */
  kept: readonly ProtobufField[]
  /** Attributes of a new node. */
  added: Readonly<Record<string, NewAttribute>>
}

/** Elements that lie in a file, or in memory because they were made here. */
export interface DraftTensor {
  name: string
  /** `TensorProto.DataType` */
  type: number
  dims: readonly number[]
  /** Where the elements are; undefined: the tensor is written as it was read. */
  data: { file: string | undefined; offset: number; length: number } | { bytes: Uint8Array } | undefined
  /** The message that it was read from. */
  original: Uint8Array | undefined
}

/** A value that a graph takes or gives. */
export interface DraftValue {
  name: string
  /** `ValueInfoProto` */
  message: Uint8Array
}

/**
 * A model's outermost graph, to be changed and written again. Weights stay where they are: the
 * draft refers to the file.
 */
export class GraphDraft {
  readonly path: string
  readonly file: Uint8Array
  /** What `ModelProto` says beside its graph. */
  readonly modelFields: ProtobufField[] = []
  nodes: DraftNode[] = []
  readonly tensors = new Map<string, DraftTensor>()
  inputs: DraftValue[] = []
  outputs: DraftValue[] = []
  readonly #externalData: readonly ExternalDataFile[]
  /** Constants small enough to be read, by name. */
  readonly #constants: ReadonlyMap<string, OnnxTensor>

  /**
   * @throws RangeError for parts that this does not carry over: local functions, sparse weights.
   * @throws LLMError `model-corrupt`
   */
  constructor({ path, bytes, externalData }: ModelFiles['graph']) {
    this.path = path
    this.file = bytes
    this.#externalData = externalData
    const read = readOnnxGraph(path, bytes)
    this.#constants = read.tensors
    for (const field of new ProtobufReader(bytes).fields()) {
      if (field.number === modelProto.functions) throw new RangeError('The model has functions of its own.')
      if (field.number !== modelProto.graph) this.modelFields.push(field)
      else this.#readGraph(field.bytes!, read.nodes)
    }
  }

  /** A tensor's elements, where they lie. */
  bytesOf({ data }: DraftTensor): Uint8Array | undefined {
    if (!data || 'bytes' in data) return data?.bytes
    const { file, offset, length } = data
    const bytes = file === undefined ? this.file : this.#externalData.find(({ path }) => path === file)?.bytes
    return bytes?.subarray(offset, offset + length)
  }

  /** The node that makes a value; undefined for inputs and tensors. */
  maker(value: string): DraftNode | undefined {
    return value === '' ? undefined : this.nodes.find(({ outputs }) => outputs.includes(value))
  }

  /** The nodes that take a value. */
  users(value: string): DraftNode[] {
    return value === '' ? [] : this.nodes.filter(({ inputs }) => inputs.includes(value))
  }

  /** The node that takes a value, if it is the only one and the value is no output. */
  onlyUser(value: string): DraftNode | undefined {
    const users = this.users(value)
    return users.length === 1 && !this.outputs.some(({ name }) => name === value) ? users[0] : undefined
  }

  /** The elements of a small constant. */
  constant(value: string | undefined): readonly number[] | undefined {
    return value === undefined ? undefined : this.#constants.get(value)?.values
  }

  /** Puts a node in the place of others. */
  replace(old: readonly DraftNode[], at: DraftNode, node: DraftNode): void {
    this.nodes = this.nodes.flatMap((each) => (each === at ? [node] : old.includes(each) ? [] : [each]))
  }

  /** Takes away a node and lets everyone use `instead` of what it made. */
  bypass(node: DraftNode, instead: string): void {
    this.nodes = this.nodes.filter((each) => each !== node)
    this.rename(node.outputs[0]!, instead)
  }

  /** Lets all nodes take another value. */
  rename(value: string, instead: string): void {
    for (const { inputs } of this.nodes) inputs.forEach((input, i) => input === value && (inputs[i] = instead))
  }

  /** Drops what nothing leads to an output from: nodes, tensors. Inputs stay. */
  dropUnused(): void {
    const wanted = new Set(this.outputs.map(({ name }) => name))
    const kept: DraftNode[] = []
    let rest = this.nodes
    for (let found = true; found; ) {
      const next = rest.filter(({ outputs }) => outputs.some((output) => wanted.has(output)))
      found = next.length > 0
      rest = rest.filter((node) => !next.includes(node))
      for (const node of next) for (const input of node.inputs) wanted.add(input)
      kept.push(...next)
    }
    const alive = new Set(kept)
    this.nodes = this.nodes.filter((node) => alive.has(node))
    for (const name of [...this.tensors.keys()]) if (!wanted.has(name)) this.tensors.delete(name)
  }

  #readGraph(bytes: Uint8Array, nodes: readonly { attributes: ReadonlyMap<string, OnnxAttribute> }[]): void {
    let next = 0
    for (const { number, bytes: content } of new ProtobufReader(bytes).fields()) {
      if (!content) continue
      if (number === graphProto.node) this.nodes.push(readNode(content, nodes[next++]!.attributes))
      else if (number === graphProto.initializer) this.#readTensor(content)
      else if (number === graphProto.input) this.inputs.push({ name: nameOf(content), message: content })
      else if (number === graphProto.output) this.outputs.push({ name: nameOf(content), message: content })
      else if (number === graphProto.sparseInitializer) throw new RangeError('The model has sparse weights.')
    }
  }

  #readTensor(original: Uint8Array): void {
    const name = nameOf(original, graphProto.tensorName)
    const { type, dims, place } = this.#constants.get(name)!
    this.tensors.set(name, { name, type, dims, data: place, original })
  }
}

/** A node that was not there before. */
export function newNode(opType: string, domain: string, inputs: string[], outputs: string[], added: DraftNode['added'] = {}): DraftNode {
  return { opType, domain, inputs, outputs, attributes: new Map(), kept: [], added }
}

/** A number among a node's attributes. */
export function numberOf(node: DraftNode, name: string, fallback: number): number {
  const value = node.attributes.get(name)
  return typeof value === 'number' ? value : fallback
}

function readNode(bytes: Uint8Array, attributes: DraftNode['attributes']): DraftNode {
  const node = { opType: '', domain: '', inputs: [] as string[], outputs: [] as string[], attributes, kept: [] as ProtobufField[], added: {} }
  for (const field of new ProtobufReader(bytes).fields()) {
    const { number, bytes: content } = field
    if (content && number === nodeProto.input) node.inputs.push(decode(content))
    else if (content && number === nodeProto.output) node.outputs.push(decode(content))
    else node.kept.push(field)
    if (content && number === nodeProto.opType) node.opType = decode(content)
    if (content && number === nodeProto.domain) node.domain = decode(content)
  }
  return node
}

function nameOf(message: Uint8Array, number: number = valueInfoProto.name): string {
  for (const field of new ProtobufReader(message).fields()) if (field.number === number && field.bytes) return decode(field.bytes)
  return ''
}

// TextDecoder refuses views of shared memory, where weights may lie; slices are copies outside of it.
function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.slice())
}
