import type { JSONObject } from '../../../models/index.js'
import type { ModelPlan } from '../../../simd/index.js'
import { Unsupported } from './Unsupported.js'

/** What a family of decoders has that others do not. What a graph computes is compared with it. */
export interface Architecture {
  gate: ModelPlan['gate']
  /** Norms of queries and keys, per head. */
  headNorms: boolean
  /** Norms on what attention and feed-forward give, before it is added. */
  postNorms: boolean
  /** Factors by `config.json`; 1 where it has no say. */
  embeddingScale(config: JSONObject): number
  attentionScale(config: JSONObject, headDim: number): number
  residualScale(config: JSONObject): number
  logitScale(config: JSONObject): number
}

const plain: Architecture = {
  gate: 'silu',
  headNorms: false,
  postNorms: false,
  embeddingScale: () => 1,
  attentionScale: (_config, headDim) => headDim ** -0.5,
  residualScale: () => 1,
  logitScale: () => 1,
}

const granite: Architecture = {
  ...plain,
  embeddingScale: (config) => number(config, 'embedding_multiplier', 1),
  attentionScale: (config, headDim) => number(config, 'attention_multiplier', headDim ** -0.5),
  residualScale: (config) => number(config, 'residual_multiplier', 1),
  logitScale: (config) => 1 / number(config, 'logits_scaling', 1),
}

/** Known families by `model_type`. Sources: the models' files in transformers, `modeling_<model_type>.py`. */
const table: Readonly<Record<string, Architecture>> = {
  llama: plain,
  smollm3: plain,
  mistral: plain,
  qwen2: plain,
  qwen3: { ...plain, headNorms: true },
  gemma3_text: {
    ...plain,
    gate: 'gelu-tanh',
    headNorms: true,
    postNorms: true,
    embeddingScale: (config) => Math.sqrt(number(config, 'hidden_size', 1)),
    attentionScale: (config, headDim) => number(config, 'query_pre_attn_scalar', headDim) ** -0.5,
  },
  granite,
  // Granite 4, where it has neither experts nor Mamba layers: a graph that has them is not read.
  granitemoehybrid: granite,
}

/** Whether the SIMD core knows the architecture that `config.json` names; its graph may still have parts that it does not. */
export function knowsArchitecture(config: JSONObject): boolean {
  const type = ((config.text_config ?? config) as JSONObject).model_type
  return typeof type === 'string' && Object.hasOwn(table, type)
}

/** The family that `config.json` names. */
export function architectureOf(config: JSONObject): Architecture {
  const type = config.model_type
  const known = typeof type === 'string' && Object.hasOwn(table, type) ? table[type] : undefined
  if (!known) throw new Unsupported(`it does not know the architecture ${String(type)}`)
  return known
}

/** Throws where a plan read from the graph is not what the family has. */
export function checkArchitecture(plan: ModelPlan, config: JSONObject): void {
  const known = architectureOf(config)
  const wrong = (what: string) => new Unsupported(`the graph's ${what} is not what ${String(config.model_type)} has`)
  if (plan.gate !== known.gate) throw wrong('activation')
  for (const layer of plan.layers) {
    if ((layer.queryNorm !== undefined) !== known.headNorms) throw wrong('norm of queries')
    if ((layer.postMlpNorm !== undefined) !== known.postNorms) throw wrong('norm of what layers add')
  }
  if (!near(plan.embeddingScale, known.embeddingScale(config))) throw wrong('scale of embeddings')
  if (!near(plan.attentionScale, known.attentionScale(config, plan.headDim))) throw wrong('scale of attention')
  if (!near(plan.residualScale, known.residualScale(config))) throw wrong('scale of what layers add')
  if (!near(plan.logitScale, known.logitScale(config))) throw wrong('scale of logits')
}

/** A number of `config.json`. */
export function number(config: JSONObject, name: string, fallback: number): number {
  const value = config[name]
  return typeof value === 'number' ? value : fallback
}

// Exporters round such factors, some to two digits.
function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= 0.01 * Math.abs(b)
}
