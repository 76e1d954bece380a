import { corruptFile } from './loadErrors.js'
import { ProtobufReader, type ProtobufField } from './ProtobufReader.js'
import { fitsFile, type TensorTable } from './tensorTable.js'

// Field numbers of onnx.proto: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
const model = { graph: 7 }
const graphProto = { node: 1, initializer: 5, input: 11, output: 12 }
const valueInfo = { name: 1 }
const nodeProto = { input: 1, output: 2, name: 3, opType: 4, attribute: 5 }
const attributeProto = { name: 1, f: 2, i: 3, s: 4, t: 5, floats: 7, ints: 8 }
const tensorProto = { dims: 1, dataType: 2, floatData: 4, int32Data: 5, int64Data: 7, name: 8, raw: 9, external: 13 }
const entry = { key: 1, value: 2 }

/** `TensorProto.DataType` of the types that decoders' weights come in. */
export const onnxType = { float: 1, uint8: 2, int8: 3, int32: 6, int64: 7, float16: 10, uint4: 21, int4: 22 } as const

const bitsOf: Record<number, number> = { 1: 32, 2: 8, 3: 8, 6: 32, 7: 64, 10: 16, 21: 4, 22: 4 }

/** Largest constant, in elements, whose values are read. */
const smallTensor = 64

// Far above what decoders have. Files are as large as someone made them; what is read of them is not.
const most = { nodes: 50_000, values: 100_000, dims: 16, attributeNumbers: 100_000, nameBytes: 64 * 1024 }

/** Where a tensor's bytes lie. */
export interface TensorPlace {
  /** Name of the external-data file as the graph gives it, or undefined: in the graph's own file. */
  file: string | undefined
  /** Bytes from the file's start. */
  offset: number
  /** Bytes. */
  length: number
}

/** A tensor that a graph brings. Its bytes stay where they are. */
export interface OnnxTensor {
  name: string
  /** `TensorProto.DataType`; see {@link onnxType}. */
  type: number
  dims: readonly number[]
  /** Little-endian, as `raw_data` has them; undefined where the elements are in protobuf's typed fields. */
  place: TensorPlace | undefined
  /** The elements, for tensors of at most 64 within the graph's file; else undefined. */
  values: readonly number[] | undefined
}

/** An attribute's value, by what it holds. */
export type OnnxAttribute = number | string | readonly number[] | OnnxTensor

/** One operator of a graph. */
export interface OnnxNode {
  name: string
  opType: string
  /** Names of values; empty strings stand for optional inputs that are left out. */
  inputs: readonly string[]
  outputs: readonly string[]
  attributes: ReadonlyMap<string, OnnxAttribute>
}

/** The outermost graph of an ONNX model: what computes what from which weights. */
export interface OnnxGraph {
  nodes: readonly OnnxNode[]
  /** Initializers by name, those of `Constant` nodes by their output's name. */
  tensors: ReadonlyMap<string, OnnxTensor>
  inputs: readonly string[]
  outputs: readonly string[]
}

/**
 * Reads nodes and tensors of a model that lies in memory. Weights are not copied or touched.
 * @param path the file's name, for errors.
 * @param table where its initializers are, as a manifest tells; where it does not fit the file they are searched for.
 * @throws LLMError `model-corrupt`
 */
export function readOnnxGraph(path: string, bytes: Uint8Array, table?: TensorTable): OnnxGraph {
  try {
    for (const field of new ProtobufReader(bytes).fields()) {
      if (field.number === model.graph && field.bytes) return new GraphReader(bytes).read(field.bytes, table)
    }
  } catch (cause) {
    throw corruptFile(path, 'is not an ONNX graph, or not all of one.', cause)
  }
  throw corruptFile(path, 'is not an ONNX graph.')
}

interface TensorParts {
  name: string
  type: number
  dims: readonly number[]
  raw: Uint8Array | undefined
  /** Elements of protobuf's typed fields. */
  typed?: readonly number[]
  external?: ReadonlyMap<string, string>
}

class GraphReader {
  readonly #file: Uint8Array
  readonly #text = new TextDecoder()

  constructor(file: Uint8Array) {
    this.#file = file
  }

  read(bytes: Uint8Array, table?: TensorTable): OnnxGraph {
    const nodes: OnnxNode[] = []
    const tensors = new Map<string, OnnxTensor>()
    const inputs: string[] = []
    const outputs: string[] = []
    let initializers = 0
    for (const { number, bytes: content } of new ProtobufReader(bytes).fields()) {
      if (!content) continue
      if (number === graphProto.node) nodes.push(this.#node(content))
      else if (number === graphProto.initializer) {
        initializers++
        if (table) continue
        const tensor = this.#tensor(content)
        tensors.set(tensor.name, tensor)
      } else if (number === graphProto.input) inputs.push(this.#valueName(content))
      else if (number === graphProto.output) outputs.push(this.#valueName(content))
      if (nodes.length > most.nodes || Math.max(initializers, inputs.length, outputs.length) > most.values) {
        throw new RangeError('It has more nodes, inputs or weights than any decoder')
      }
    }
    if (table) {
      if (!fitsFile(table, this.#file, initializers)) return this.read(bytes)
      for (const [name, { offset, length, type, dims }] of table) {
        tensors.set(name, this.#made({ name, type, dims, raw: this.#file.subarray(offset, offset + length) }))
      }
    }
    for (const { opType, outputs: made, attributes } of nodes) {
      const value = opType === 'Constant' ? attributes.get('value') : undefined
      if (typeof value === 'object' && 'dims' in value && made[0] !== undefined) tensors.set(made[0], value)
    }
    return { nodes, tensors, inputs, outputs }
  }

  #valueName(bytes: Uint8Array): string {
    for (const field of new ProtobufReader(bytes).fields()) {
      if (field.number === valueInfo.name && field.bytes) return this.#decode(field.bytes)
    }
    return ''
  }

  #node(bytes: Uint8Array): OnnxNode {
    const inputs: string[] = []
    const outputs: string[] = []
    const attributes = new Map<string, OnnxAttribute>()
    let name = ''
    let opType = ''
    for (const { number, bytes: content } of new ProtobufReader(bytes).fields()) {
      if (!content) continue
      if (number === nodeProto.input) inputs.push(this.#decode(content))
      else if (number === nodeProto.output) outputs.push(this.#decode(content))
      else if (number === nodeProto.name) name = this.#decode(content)
      else if (number === nodeProto.opType) opType = this.#decode(content)
      else if (number === nodeProto.attribute) this.#attribute(content, attributes)
    }
    return { name, opType, inputs, outputs, attributes }
  }

  #attribute(bytes: Uint8Array, attributes: Map<string, OnnxAttribute>): void {
    let name = ''
    let value: OnnxAttribute | undefined
    const numbers: number[] = []
    for (const field of new ProtobufReader(bytes).fields()) {
      if (field.number === attributeProto.name && field.bytes) name = this.#decode(field.bytes)
      else if (field.number === attributeProto.f || field.number === attributeProto.i) value = field.value
      // Some hold whole engines.
      else if (field.number === attributeProto.s && field.bytes) value = field.bytes.length > most.nameBytes ? '' : this.#decode(field.bytes)
      else if (field.number === attributeProto.t && field.bytes) value = this.#tensor(field.bytes)
      else if (field.number === attributeProto.ints) pushIntegers(field, numbers, most.attributeNumbers)
      else if (field.number === attributeProto.floats) pushFloats(field, numbers, most.attributeNumbers)
    }
    attributes.set(name, value ?? numbers)
  }

  #tensor(bytes: Uint8Array): OnnxTensor {
    const dims: number[] = []
    const typed: number[] = []
    let name = ''
    let type = 0
    let raw: Uint8Array | undefined
    const external = new Map<string, string>()
    for (const field of new ProtobufReader(bytes).fields()) {
      if (field.number === tensorProto.dims) pushIntegers(field, dims, most.dims)
      else if (field.number === tensorProto.dataType) type = field.value ?? 0
      else if (field.number === tensorProto.name && field.bytes) name = this.#decode(field.bytes)
      else if (field.number === tensorProto.raw) raw = field.bytes
      else if (field.number === tensorProto.external && field.bytes) this.#entry(field.bytes, external)
      else if (field.number === tensorProto.floatData) pushFloats(field, typed, smallTensor)
      else if (field.number === tensorProto.int32Data || field.number === tensorProto.int64Data) pushIntegers(field, typed, smallTensor)
    }
    return this.#made({ name, type, dims, raw, typed, external })
  }

  #made({ name, type, dims, raw, typed = [], external = new Map() }: TensorParts): OnnxTensor {
    const count = dims.reduce((product, dim) => product * dim, 1)
    if (dims.length > most.dims || !Number.isSafeInteger(count) || dims.some((dim) => dim < 0)) throw new RangeError(`${name} has the shape [${dims.join(', ')}]`)
    const length = Math.ceil((count * (bitsOf[type] ?? 0)) / 8)
    if (raw && bitsOf[type] !== undefined && raw.length !== length) {
      throw new RangeError(`${name} has ${raw.length} bytes where its shape needs ${length}`)
    }
    const values = raw && count <= smallTensor ? rawValues(type, raw) : raw || external.size > 0 || typed.length > smallTensor ? undefined : typed
    return { name, type, dims, place: this.#place(raw, external, length), values }
  }

  #place(raw: Uint8Array | undefined, external: ReadonlyMap<string, string>, length: number): TensorPlace | undefined {
    const file = external.get('location')
    if (file !== undefined) {
      const offset = Number(external.get('offset') ?? 0)
      const told = Number(external.get('length') ?? length)
      if (!Number.isSafeInteger(offset) || offset < 0 || told !== length) throw new RangeError(`External data at ${offset} of ${told} bytes`)
      return { file, offset, length }
    }
    return raw && { file: undefined, offset: raw.byteOffset - this.#file.byteOffset, length: raw.length }
  }

  #entry(bytes: Uint8Array, into: Map<string, string>): void {
    let key = ''
    let value = ''
    for (const field of new ProtobufReader(bytes).fields()) {
      if (field.number === entry.key && field.bytes) key = this.#decode(field.bytes)
      if (field.number === entry.value && field.bytes) value = this.#decode(field.bytes)
    }
    into.set(key, value)
  }

  // TextDecoder refuses views of shared memory, where weights may lie.
  #decode(bytes: Uint8Array): string {
    if (bytes.length > most.nameBytes) throw new RangeError(`A name has ${bytes.length} bytes`)
    return this.#text.decode(bytes.slice())
  }
}

/** Stops behind the first number that is too many: whoever asks can tell by the length. */
function pushIntegers({ bytes, value }: ProtobufField, into: number[], mostNumbers: number): void {
  if (value !== undefined && into.length <= mostNumbers) into.push(value)
  if (!bytes) return
  for (const integer of new ProtobufReader(bytes).integers()) {
    if (into.length > mostNumbers) return
    into.push(integer)
  }
}

function pushFloats({ bytes, value }: ProtobufField, into: number[], mostNumbers: number): void {
  if (value !== undefined && into.length <= mostNumbers) into.push(value)
  if (!bytes) return
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = 0; at + 4 <= bytes.length && into.length <= mostNumbers; at += 4) into.push(view.getFloat32(at, true))
}

function rawValues(type: number, raw: Uint8Array): number[] | undefined {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength)
  const read = (size: number, get: (at: number) => number) => Array.from({ length: raw.length / size }, (_, i) => get(i * size))
  if (type === onnxType.float) return read(4, (at) => view.getFloat32(at, true))
  if (type === onnxType.float16) return read(2, (at) => halfToNumber(view.getUint16(at, true)))
  if (type === onnxType.int64) return read(8, (at) => Number(view.getBigInt64(at, true)))
  if (type === onnxType.int32) return read(4, (at) => view.getInt32(at, true))
  return undefined
}

function halfToNumber(half: number): number {
  const exponent = (half >> 10) & 0x1f
  const fraction = half & 0x3ff
  const sign = half & 0x8000 ? -1 : 1
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}
