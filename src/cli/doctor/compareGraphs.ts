import { readFileSync } from 'node:fs'
import path from 'node:path'
import { GraphDraft, type DraftValue } from '../../inference/graph/GraphDraft.js'
import { tensorTypeProto, typeProto, valueInfoProto } from '../../inference/graph/onnxFields.js'
import { ProtobufReader, readOnnxGraph, type OnnxTensor } from '../../models/index.js'
import type { GraphDifference, GraphSummary } from './types.js'

/** Names and bytes of `TensorProto.DataType`, by number. */
const types: Readonly<Record<number, readonly [name: string, bytes: number]>> = {
  1: ['float32', 4],
  2: ['uint8', 1],
  3: ['int8', 1],
  4: ['uint16', 2],
  5: ['int16', 2],
  6: ['int32', 4],
  7: ['int64', 8],
  9: ['bool', 1],
  10: ['float16', 2],
  11: ['float64', 8],
  16: ['bfloat16', 2],
  21: ['uint4', 0.5],
  22: ['int4', 0.5],
}

function typeName(type: number): string {
  return types[type]?.[0] ?? `type ${type}`
}

/** What a graph consists of, and the type and shape of each of its stored tensors, as `float16[640]`. */
export interface GraphFacts {
  summary: GraphSummary
  tensors: Record<string, string>
}

/** @throws LLMError `model-corrupt`; RangeError for models with functions or sparse weights of their own. */
export function readGraphFacts(folder: string, file: string): GraphFacts {
  const bytes = readFileSync(path.join(folder, file))
  const draft = new GraphDraft({ path: file, bytes, externalData: [] })
  const read = readOnnxGraph(file, bytes)
  const stored = [...draft.tensors.keys()].map((name) => read.tensors.get(name)!)
  const operators: Record<string, number> = {}
  for (const { opType, domain } of draft.nodes) {
    const name = domain === '' ? opType : `${domain}.${opType}`
    operators[name] = (operators[name] ?? 0) + 1
  }
  const initializers: GraphSummary['initializers'] = {}
  for (const tensor of stored) {
    const sum = (initializers[typeName(tensor.type)] ??= { count: 0, bytes: 0 })
    sum.count++
    sum.bytes += bytesOf(tensor)
  }
  const values = (list: DraftValue[]) => Object.fromEntries(list.filter(({ name }) => !draft.tensors.has(name)).map((value) => [value.name, elementTypeOf(value)]))
  return {
    summary: { file, nodes: draft.nodes.length, operators: sorted(operators), inputs: values(draft.inputs), outputs: values(draft.outputs), initializers },
    tensors: Object.fromEntries(stored.map(({ name, type, dims }) => [name, `${typeName(type)}[${dims.join(',')}]`])),
  }
}

/** Everything that two graphs differ in. */
export function differencesOf(a: GraphFacts, b: GraphFacts): GraphDifference[] {
  const kinds = [
    ['operator', a.summary.operators, b.summary.operators],
    ['input', a.summary.inputs, b.summary.inputs],
    ['output', a.summary.outputs, b.summary.outputs],
    ['initializer', a.tensors, b.tensors],
  ] as const
  return kinds.flatMap(([kind, left, right]) => {
    const names = [...new Set([...Object.keys(left), ...Object.keys(right)])].sort()
    return names.filter((name) => left[name] !== right[name]).map((name) => ({ kind, name, a: left[name] ?? null, b: right[name] ?? null }))
  })
}

function elementTypeOf({ message }: DraftValue): string {
  let bytes: Uint8Array | undefined = message
  for (const number of [valueInfoProto.type, typeProto.tensor]) bytes = bytes && fieldOf(bytes, number)?.bytes
  return typeName((bytes && fieldOf(bytes, tensorTypeProto.elementType)?.value) ?? 0)
}

function fieldOf(message: Uint8Array, number: number) {
  for (const field of new ProtobufReader(message).fields()) if (field.number === number) return field
  return undefined
}

function bytesOf({ type, dims, place }: OnnxTensor): number {
  if (place) return place.length
  return Math.ceil(dims.reduce((product, dim) => product * dim, types[type]?.[1] ?? 1))
}

function sorted(counts: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)))
}
