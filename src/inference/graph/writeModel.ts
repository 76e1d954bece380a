import type { ExternalDataFile } from '../../models/index.js'
import type { DraftNode, DraftTensor, DraftValue, GraphDraft, NewAttribute } from './GraphDraft.js'
import {
  attributeProto,
  attributeType,
  dimensionProto,
  entryProto,
  graphProto,
  modelProto,
  nodeProto,
  shapeProto,
  tensorProto,
  tensorTypeProto,
  typeProto,
  valueInfoProto,
} from './onnxFields.js'
import { ProtobufWriter } from './ProtobufWriter.js'

/** A graph without weights, and the weights as files. */
export interface WrittenModel {
  bytes: Uint8Array
  /** The model's own file among them, under a name of its own, where the graph refers to it. */
  externalData: ExternalDataFile[]
}

/** Up to here tensors stay in the graph, in bytes: shapes and numbers that the graph's checks need to see. */
const inlineBytes = 1024

/**
 * Writes a changed graph. Nothing of the weights is copied: they are external data in the file that
 * was read, or in the arrays that were made since.
 */
export function writeModel(draft: GraphDraft, files: readonly ExternalDataFile[]): WrittenModel {
  const writer = new ModelWriter(draft)
  const bytes = writer.write()
  return { bytes, externalData: [...files, ...writer.files] }
}

/** The message of a value that a graph takes or gives; strings name dimensions that are open. */
export function newValue(name: string, elementType: number, dims: readonly (number | string)[]): DraftValue {
  const message = new ProtobufWriter().text(valueInfoProto.name, name).message(valueInfoProto.type, (type) =>
    type.message(typeProto.tensor, (tensor) =>
      tensor.integer(tensorTypeProto.elementType, elementType).message(tensorTypeProto.shape, (shape) => {
        for (const dim of dims) {
          shape.message(shapeProto.dimension, (dimension) => {
            if (typeof dim === 'number') dimension.integer(dimensionProto.value, dim)
            else dimension.text(dimensionProto.parameter, dim)
          })
        }
      }),
    ),
  )
  return { name, message: message.finish() }
}

class ModelWriter {
  readonly files: ExternalDataFile[] = []
  readonly #draft: GraphDraft
  readonly #ownFile: string

  constructor(draft: GraphDraft) {
    this.#draft = draft
    this.#ownFile = `${draft.path.slice(draft.path.lastIndexOf('/') + 1)}.weights`
  }

  write(): Uint8Array {
    const { modelFields, nodes, tensors, inputs, outputs } = this.#draft
    const model = new ProtobufWriter()
    for (const field of modelFields) model.copy(field)
    model.message(modelProto.graph, (graph) => {
      for (const node of nodes) graph.bytes(graphProto.node, nodeMessage(node))
      graph.text(graphProto.name, 'graph')
      for (const tensor of tensors.values()) graph.bytes(graphProto.initializer, this.#tensor(tensor))
      for (const { message } of inputs) graph.bytes(graphProto.input, message)
      for (const { message } of outputs) graph.bytes(graphProto.output, message)
    })
    return model.finish()
  }

  #tensor(tensor: DraftTensor): Uint8Array {
    const { name, type, dims, data, original } = tensor
    if (original && (!data || !('file' in data) || data.file !== undefined || data.length <= inlineBytes)) return original
    const message = new ProtobufWriter()
    for (const dim of dims) message.integer(tensorProto.dims, dim)
    message.integer(tensorProto.dataType, type).text(tensorProto.name, name)
    const small = this.#smallBytes(data!)
    return (small ? message.bytes(tensorProto.raw, small) : this.#external(message, tensor)).finish()
  }

  #smallBytes(data: NonNullable<DraftTensor['data']>): Uint8Array | undefined {
    if ('bytes' in data) return data.bytes.length <= inlineBytes ? data.bytes : undefined
    const isSmall = data.file === undefined && data.length <= inlineBytes
    return isSmall ? this.#draft.file.subarray(data.offset, data.offset + data.length) : undefined
  }

  #external(message: ProtobufWriter, { data }: DraftTensor): ProtobufWriter {
    const place = 'bytes' in data! ? { ...this.#addFile(`${this.#ownFile}.${this.files.length}`, data.bytes), length: data.bytes.length } : this.#placeOf(data!)
    for (const [key, value] of [['location', place.file], ['offset', place.offset], ['length', place.length]] as const) {
      message.message(tensorProto.external, (entry) => entry.text(entryProto.key, key).text(entryProto.value, String(value)))
    }
    return message.integer(tensorProto.dataLocation, 1)
  }

  #placeOf({ file, offset, length }: { file: string | undefined; offset: number; length: number }) {
    if (file !== undefined) return { file, offset, length }
    return { file: this.#addFile(this.#ownFile, this.#draft.file).file, offset, length }
  }

  #addFile(path: string, bytes: Uint8Array): { file: string; offset: number } {
    if (!this.files.some((file) => file.path === path)) this.files.push({ path, bytes })
    return { file: path, offset: 0 }
  }
}

function nodeMessage({ opType, domain, inputs, outputs, kept, added }: DraftNode): Uint8Array {
  const message = new ProtobufWriter()
  for (const input of inputs) message.text(nodeProto.input, input)
  for (const output of outputs) message.text(nodeProto.output, output)
  for (const field of kept) message.copy(field)
  if (kept.length === 0) message.text(nodeProto.opType, opType).text(nodeProto.domain, domain)
  for (const [name, value] of Object.entries(added)) message.message(nodeProto.attribute, (attribute) => writeAttribute(attribute, name, value))
  return message.finish()
}

function writeAttribute(message: ProtobufWriter, name: string, value: NewAttribute): void {
  message.text(attributeProto.name, name)
  if ('int' in value) message.integer(attributeProto.i, value.int).integer(attributeProto.type, attributeType.int)
  else if ('float' in value) message.float(attributeProto.f, value.float).integer(attributeProto.type, attributeType.float)
  else if ('text' in value) message.text(attributeProto.s, value.text).integer(attributeProto.type, attributeType.text)
  else {
    for (const each of value.ints) message.integer(attributeProto.ints, each)
    message.integer(attributeProto.type, attributeType.ints)
  }
}
