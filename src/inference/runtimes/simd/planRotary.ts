import type { JSONObject, OnnxNode } from '../../../models/index.js'
import type { RotaryPlan } from '../../../simd/index.js'
import { number } from './architectures.js'
import type { GraphView } from './GraphView.js'
import { readRotaryTable } from './RotaryTable.js'
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
  const table = readRotaryTable(view, files, cos, sin)
  const { positions, pairs } = table
  const rotary = fromConfig(config, 2 * pairs, interleaved, local)
  for (const position of new Set([1, Math.min(100, positions - 1)])) {
    for (let pair = 0; pair < pairs; pair++) {
      const angle = position * frequency(rotary, pair)
      const off = Math.max(Math.abs(table.cos(position, pair) - Math.cos(angle)), Math.abs(table.sin(position, pair) - Math.sin(angle)))
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
