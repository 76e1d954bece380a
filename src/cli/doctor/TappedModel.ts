import type * as ORT from 'onnxruntime-web'
import { graphProto, modelProto, valueInfoProto } from '../../inference/graph/onnxFields.js'
import { ProtobufWriter } from '../../inference/graph/ProtobufWriter.js'
import { readDecoderGraph } from '../../inference/runtimes/onnx/DecoderGraph.js'
import { halfToFloat } from '../../inference/runtimes/onnx/float16.js'
import { OrtDecoderBackend } from '../../inference/runtimes/onnx/OrtDecoderBackend.js'
import type { OrtBinding } from '../../inference/runtimes/onnx/OrtBinding.js'
import { readOnnxGraph, type JSONObject, type ModelFiles } from '../../models/index.js'
import { graphValues, type GraphValue } from './graphValues.js'

/** A value as a run gave it. */
export interface Tap {
  data: Float32Array
  /** Whether the graph holds it in 16 bits. */
  isHalf: boolean
}

/** What a run over one sequence gave. */
export interface TappedRun {
  /** After the last `rows` tokens. */
  logits: Float32Array
  rows: number
  /** By the tensor's name. */
  taps: ReadonlyMap<string, Tap>
}

/** A decoder on ONNX Runtime, of whose every float can be looked at. */
export class TappedModel {
  /** In the order of the graph. */
  readonly values: readonly GraphValue[]
  readonly vocabSize: number
  readonly #backend: OrtDecoderBackend
  readonly #allRows: boolean
  #outputs: Readonly<Record<string, ORT.Tensor>> = {}

  private constructor(values: readonly GraphValue[], binding: OrtBinding, session: ORT.InferenceSession, config: JSONObject) {
    const graph = readDecoderGraph(session, config)
    this.values = values
    this.vocabSize = graph.vocabSize ?? (config.vocab_size as number)
    this.#allRows = graph.givesAllLogits
    const watched = new Proxy(session, {
      get: (target, name) => {
        if (name === 'run') return async (feeds: Record<string, ORT.Tensor>) => (this.#outputs = await target.run(feeds))
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? (value.bind(target) as unknown) : value
      },
    })
    this.#backend = new OrtDecoderBackend(binding, watched, graph, this.vocabSize)
  }

  /** @throws LLMError `model-corrupt`, `unsupported-architecture`; what ONNX Runtime throws. */
  static async open(binding: OrtBinding, graph: ModelFiles['graph'], config: JSONObject): Promise<TappedModel> {
    const read = readOnnxGraph(graph.path, graph.bytes)
    const values = graphValues(read)
    const bytes = withOutputs(graph.bytes, values.map(({ tensor }) => tensor).filter((tensor) => !read.outputs.includes(tensor)))
    const session = await binding.createSession({ graph: { ...graph, bytes }, deviceOutputs: [] })
    try {
      return new TappedModel(values, binding, session, config)
    } catch (error) {
      await session.release()
      throw error
    }
  }

  /** Runs tokens with nothing before them. */
  async run(tokens: readonly number[]): Promise<TappedRun> {
    const rows = this.#allRows ? tokens.length : 1
    const logits = (await this.#backend.feedAll(tokens, rows)).slice()
    const taps = new Map<string, Tap>()
    for (const { tensor } of this.values) {
      const tap = floatsOf(this.#outputs[tensor])
      if (tap) taps.set(tensor, tap)
    }
    await this.#backend.truncate(0)
    return { logits, rows, taps }
  }

  dispose(): Promise<void> {
    return this.#backend.dispose()
  }
}

/**
 * A model with more outputs. Two parts of a protobuf message, one behind the other, are read as one: so the weights
 * stay as they are. Their types ONNX Runtime finds out.
 */
function withOutputs(model: Uint8Array, names: readonly string[]): Uint8Array {
  const more = new ProtobufWriter().message(modelProto.graph, (graph) => {
    for (const name of names) graph.message(graphProto.output, (value) => value.text(valueInfoProto.name, name))
  })
  return Buffer.concat([model, more.finish()])
}

function floatsOf(tensor: ORT.Tensor | undefined): Tap | undefined {
  if (tensor?.type === 'float32') return { data: (tensor.data as Float32Array).slice(), isHalf: false }
  if (tensor?.type !== 'float16') return undefined
  const held: unknown = tensor.data
  // Float16Array, where the engine has it.
  if (!(held instanceof Uint16Array)) return { data: Float32Array.from(held as ArrayLike<number>), isHalf: true }
  const data = new Float32Array(held.length)
  halfToFloat(held, data)
  return { data, isHalf: true }
}
