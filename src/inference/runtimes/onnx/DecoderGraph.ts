import type { InferenceSession } from 'onnxruntime-web'
import { LLMError } from '../../../errors/index.js'
import type { JSONObject } from '../../../models/index.js'
import { gpuInputs } from '../../graph/gpuInputs.js'

/** One tensor of the KV cache: shape `[1, heads, length, headDim]`. */
export interface KVSlot {
  /** Graph input that takes the past, e.g. `past_key_values.0.key`. */
  input: string
  /** Graph output that gives past and new together, e.g. `present.0.key`. */
  output: string
  type: 'float32' | 'float16'
  heads: number
  headDim: number
}

/** What a decoder's graph takes and gives, as far as the generation loop needs to know. */
export interface DecoderGraph {
  /** Inputs beside `input_ids` and the KV cache that the graph has. */
  attentionMask: boolean
  positionIds: boolean
  /** Input that says for how many last tokens logits are wanted, where there is one. */
  logitsToKeep: { name: string; dims: readonly number[] } | undefined
  /** Whether it can give the logits of several tokens: it is told how many, or gives those of all. */
  givesAllLogits: boolean
  kv: readonly KVSlot[]
  /** Undefined when the graph leaves it open. */
  vocabSize: number | undefined
}

const knownInputs = new Set(['input_ids', 'attention_mask', 'position_ids', 'num_logits_to_keep', 'logits_to_keep', ...Object.values<string>(gpuInputs)])

/**
 * Reads a session's metadata.
 * @param config the model's `config.json`, for sizes that the graph leaves open.
 * @throws LLMError `unsupported-architecture`, naming what was found.
 */
export function readDecoderGraph(session: InferenceSession, config: JSONObject): DecoderGraph {
  const inputs = new Map(session.inputMetadata.map((value) => [value.name, value]))
  const kv = readKV(session, config)
  const kvInputs = new Set(kv.map((slot) => slot.input))
  const unknown = session.inputNames.filter((name) => !knownInputs.has(name) && !kvInputs.has(name))
  if (!inputs.has('input_ids') || kv.length === 0 || unknown.length > 0 || !session.outputNames.includes('logits')) {
    throw unsupported(session, unknown)
  }
  const keep = inputs.get('num_logits_to_keep') ?? inputs.get('logits_to_keep')
  const logits = session.outputMetadata.find((value) => value.name === 'logits')
  return {
    attentionMask: inputs.has('attention_mask'),
    positionIds: inputs.has('position_ids'),
    logitsToKeep: keep && { name: keep.name, dims: keep.isTensor && keep.shape.length > 0 ? [1] : [] },
    givesAllLogits: keep !== undefined || (tokensOf(logits) !== undefined && tokensOf(logits) === tokensOf(inputs.get('input_ids'))),
    kv,
    vocabSize: lastDimension(logits),
  }
}

function readKV(session: InferenceSession, config: JSONObject): KVSlot[] {
  const slots: KVSlot[] = []
  for (const value of session.inputMetadata) {
    const match = /^past_key_values\.(\d+)\.(key|value)$/.exec(value.name)
    if (!match || !value.isTensor) continue
    const output = `present.${match[1]}.${match[2]}`
    const [, heads, , headDim] = value.shape
    if (value.type !== 'float32' && value.type !== 'float16') continue
    if (!session.outputNames.includes(output) || value.shape.length !== 4) continue
    slots.push({
      input: value.name,
      output,
      type: value.type,
      heads: typeof heads === 'number' ? heads : configNumber(config, 'num_key_value_heads', 'num_attention_heads'),
      headDim: typeof headDim === 'number' ? headDim : configHeadDim(config),
    })
  }
  return slots
}

/** The name of the dimension that counts tokens, where it has one. */
function tokensOf(value: InferenceSession.ValueMetadata | undefined): string | undefined {
  const dimension = value?.isTensor ? value.shape[1] : undefined
  return typeof dimension === 'string' ? dimension : undefined
}

function lastDimension(value: InferenceSession.ValueMetadata | undefined): number | undefined {
  const last = value?.isTensor ? value.shape.at(-1) : undefined
  return typeof last === 'number' ? last : undefined
}

function configNumber(config: JSONObject, ...names: string[]): number {
  const text = (config.text_config ?? config) as JSONObject
  for (const name of names) {
    const value = text[name]
    if (typeof value === 'number') return value
  }
  throw new LLMError({
    code: 'config-missing',
    subject: 'config.json',
    message: `The graph leaves the size of its KV cache open and config.json has no \`${names[0]}\`. Export the model again.`,
  })
}

function configHeadDim(config: JSONObject): number {
  const text = (config.text_config ?? config) as JSONObject
  if (typeof text.head_dim === 'number') return text.head_dim
  return configNumber(config, 'hidden_size') / configNumber(config, 'num_attention_heads')
}

function unsupported(session: InferenceSession, unknown: string[]): LLMError {
  const found =
    unknown.length > 0
      ? `inputs it does not know (${unknown.slice(0, 6).join(', ')})`
      : `inputs ${session.inputNames.slice(0, 6).join(', ')} and outputs ${session.outputNames.slice(0, 3).join(', ')}`
  return new LLMError({
    code: 'unsupported-architecture',
    subject: unknown[0] ?? session.inputNames[0],
    message:
      'The `onnx` runtime needs a decoder with `input_ids`, `past_key_values.*` and `logits`, ' +
      `but this graph has ${found}. Use the \`transformers\` runtime for this model, or export it for text generation with past.`,
  })
}
