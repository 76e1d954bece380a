import { onnxType, type JSONObject, type OnnxNode, type OnnxTensor } from '../../../models/index.js'
import type { RotaryPlan } from '../../../simd/index.js'
import { halfToFloat } from '../onnx/float16.js'
import { number } from './architectures.js'
import type { GraphView } from './GraphView.js'
import { Unsupported } from './Unsupported.js'
import type { WeightFiles } from './WeightFiles.js'

/** The tables of cosines and sines that a layer's graph uses. */
export interface RotaryTables {
  cos: string | undefined
  sin: string | undefined
  interleaved: boolean
}

/**
 * The rotary embedding of a layer: by `config.json`, proved on the graph's own tables.
 * @param local whether the layer has a window, for models with two sets of frequencies.
 * @returns the plan, and how many positions the tables have.
 */
export function planRotary(
  view: GraphView,
  files: WeightFiles,
  config: JSONObject,
  { cos, sin, interleaved }: RotaryTables,
  local: boolean,
): { rotary: RotaryPlan; positions: number } {
  const cosines = tableOf(view, cos)
  const sines = tableOf(view, sin)
  const rotary = fromConfig(config, 2 * cosines.dims[1]!, interleaved, local)
  const positions = cosines.dims[0]!
  for (const position of new Set([1, Math.min(100, positions - 1)])) {
    for (let i = 0; i < cosines.dims[1]!; i++) {
      const angle = position * frequency(rotary, i)
      const at = position * cosines.dims[1]! + i
      const off = Math.max(Math.abs(element(files, cosines, at) - Math.cos(angle)), Math.abs(element(files, sines, at) - Math.sin(angle)))
      if (!(off < 0.005)) throw new Unsupported(`the graph's rotary embedding is not the one of config.json`)
    }
  }
  return { rotary, positions }
}

/** The tables of a GroupQueryAttention or RotaryEmbedding node. */
export function rotaryTables(node: OnnxNode, first: number): RotaryTables {
  const attribute = node.attributes.get(node.opType === 'RotaryEmbedding' ? 'interleaved' : 'rotary_interleaved')
  return { cos: node.inputs[first], sin: node.inputs[first + 1], interleaved: attribute === 1 }
}

function tableOf(view: GraphView, name: string | undefined): OnnxTensor {
  const tensor = view.tensor(name)
  if (!tensor || tensor.dims.length !== 2 || (tensor.type !== onnxType.float && tensor.type !== onnxType.float16)) {
    throw new Unsupported('the tables of its rotary embedding are computed')
  }
  return tensor
}

function element(files: WeightFiles, tensor: OnnxTensor, index: number): number {
  const bytes = files.bytes(tensor)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (tensor.type === onnxType.float) return view.getFloat32(4 * index, true)
  const target = new Float32Array(1)
  halfToFloat(Uint16Array.of(view.getUint16(2 * index, true)), target)
  return target[0]!
}

// `rope_parameters` is where newer versions of transformers write what older ones had in two places; models with
// two sets of frequencies have one by kind of layer there, and `rope_local_base_freq` in older files.
function fromConfig(config: JSONObject, dimensions: number, interleaved: boolean, local: boolean): RotaryPlan {
  const parameters = config.rope_parameters as JSONObject | undefined
  const byKind = parameters?.[local ? 'sliding_attention' : 'full_attention'] as JSONObject | undefined
  const own = byKind ?? parameters
  const localTheta = byKind === undefined && local ? config.rope_local_base_freq : undefined
  const theta = typeof localTheta === 'number' ? localTheta : number(own ?? config, 'rope_theta', number(config, 'rope_theta', 10000))
  // The local frequencies of Gemma 3 are never scaled.
  const scaling = typeof localTheta === 'number' ? undefined : ((own ?? config.rope_scaling) as JSONObject | null | undefined)
  const type = scaling?.rope_type ?? scaling?.type ?? 'default'
  const plain = { dimensions, interleaved, theta, factor: 1 }
  if (!scaling || type === 'default') return plain
  if (type === 'linear') return { ...plain, factor: number(scaling, 'factor', 1) }
  if (type !== 'llama3') throw new Unsupported(`it does not know the rotary scaling "${String(type)}"`)
  return {
    ...plain,
    llama3: {
      factor: number(scaling, 'factor', 8),
      lowFrequencyFactor: number(scaling, 'low_freq_factor', 1),
      highFrequencyFactor: number(scaling, 'high_freq_factor', 4),
      originalContext: number(scaling, 'original_max_position_embeddings', 8192),
    },
  }
}

/** The core's formula (`core/rotary.ts`), in double precision. */
function frequency({ theta, dimensions, factor, llama3 }: RotaryPlan, index: number): number {
  const plain = theta ** (-2 * index / dimensions)
  if (!llama3) return plain / factor
  const wave = (2 * Math.PI) / plain
  if (wave > llama3.originalContext / llama3.lowFrequencyFactor) return plain / llama3.factor
  if (wave < llama3.originalContext / llama3.highFrequencyFactor) return plain
  const smooth =
    (llama3.originalContext / wave - llama3.lowFrequencyFactor) / (llama3.highFrequencyFactor - llama3.lowFrequencyFactor)
  return ((1 - smooth) * plain) / llama3.factor + smooth * plain
}
