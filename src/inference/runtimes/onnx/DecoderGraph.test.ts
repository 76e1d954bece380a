import type { InferenceSession } from 'onnxruntime-web'
import { describe, expect, it } from 'vitest'
import { readDecoderGraph } from './DecoderGraph.js'

type Shapes = Record<string, { type: string; shape: (number | string)[] }>

/** A session's metadata without a session. */
function metadata(inputs: Shapes, outputs: Shapes): InferenceSession {
  const list = (values: Shapes) => Object.entries(values).map(([name, value]) => ({ name, isTensor: true, ...value }))
  return {
    inputNames: Object.keys(inputs),
    outputNames: Object.keys(outputs),
    inputMetadata: list(inputs),
    outputMetadata: list(outputs),
  } as unknown as InferenceSession
}

const ids = { type: 'int64', shape: ['batch', 'length'] }
const kv = (heads: number | string, headDim: number | string, type = 'float32') => ({ type, shape: ['batch', heads, 'past', headDim] })
const oneLayer = (slot: ReturnType<typeof kv>) => ({
  inputs: { 'past_key_values.0.key': slot, 'past_key_values.0.value': slot },
  outputs: { 'present.0.key': slot, 'present.0.value': slot, logits: { type: 'float32', shape: ['batch', 'length', 321] } },
})

describe('readDecoderGraph', () => {
  it('reads which inputs a graph has, and its KV cache', () => {
    const { inputs, outputs } = oneLayer(kv(3, 64, 'float16'))
    const session = metadata({ input_ids: ids, position_ids: ids, num_logits_to_keep: { type: 'int64', shape: [] }, ...inputs }, outputs)
    expect(readDecoderGraph(session, {})).toEqual({
      attentionMask: false,
      positionIds: true,
      logitsToKeep: { name: 'num_logits_to_keep', dims: [] },
      givesAllLogits: true,
      kv: [
        { input: 'past_key_values.0.key', output: 'present.0.key', type: 'float16', heads: 3, headDim: 64 },
        { input: 'past_key_values.0.value', output: 'present.0.value', type: 'float16', heads: 3, headDim: 64 },
      ],
      vocabSize: 321,
    })
  })

  it('takes sizes that the graph leaves open from config.json', () => {
    const { inputs, outputs } = oneLayer(kv('heads', 'dim'))
    const session = metadata({ input_ids: ids, ...inputs }, outputs)
    const sizes = { num_attention_heads: 8, num_key_value_heads: 2, hidden_size: 256 }
    expect(readDecoderGraph(session, sizes).kv[0]).toMatchObject({ heads: 2, headDim: 32 })
    expect(readDecoderGraph(session, { text_config: { ...sizes, head_dim: 16 } }).kv[0]).toMatchObject({ headDim: 16 })
    expect(() => readDecoderGraph(session, {})).toThrow(expect.objectContaining({ code: 'config-missing' }))
  })

  it('knows whether the logits of several tokens can be had', () => {
    const { inputs, outputs } = oneLayer(kv(3, 64))
    const logits = (shape: (number | string)[]) => ({ ...outputs, logits: { type: 'float32', shape } })
    const gives = (graph: Shapes, given: Shapes) => readDecoderGraph(metadata({ input_ids: ids, ...graph }, given), {}).givesAllLogits
    expect(gives(inputs, logits(['batch', 'length', 321]))).toBe(true)
    expect(gives(inputs, logits(['batch', 1, 321]))).toBe(false)
    expect(gives(inputs, logits(['batch', 'last', 321]))).toBe(false)
    expect(gives({ ...inputs, logits_to_keep: { type: 'int64', shape: [] } }, logits(['batch', 'kept', 321]))).toBe(true)
  })

  it.each([
    ['without a KV cache', metadata({ input_ids: ids }, { logits: ids }), /input_ids/],
    ['of an encoder', metadata({ pixel_values: ids }, { embedding: ids }), /pixel_values/],
    [
      'with inputs of another kind',
      metadata({ input_ids: ids, 'past_conv.0': ids, ...oneLayer(kv(1, 2)).inputs }, oneLayer(kv(1, 2)).outputs),
      /past_conv\.0/,
    ],
  ])('refuses a graph %s, naming what it found', (_, session, name) => {
    expect(() => readDecoderGraph(session, {})).toThrow(expect.objectContaining({ code: 'unsupported-architecture' }))
    expect(() => readDecoderGraph(session, {})).toThrow(name)
  })
})
