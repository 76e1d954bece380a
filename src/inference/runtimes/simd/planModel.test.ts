import { describe, expect, it } from 'vitest'
import { patchAttribute } from '../../../../test/helpers/simd/patchedFixture.js'
import { families, planOf, readFixture, type Fixture } from '../../../../test/helpers/simd/openFixture.js'
import { readOnnxGraph } from '../../../models/index.js'
import { planModel } from './planModel.js'

/** Writes over the only place where the graph has this text, with one of the same length. */
function renamed(fixture: Fixture, from: string, to: string): Fixture {
  const bytes = fixture.graph.bytes.slice()
  let places = 0
  for (let at = 0; at < bytes.length - from.length; at++) {
    if ([...from].some((letter, i) => bytes[at + i] !== letter.charCodeAt(0))) continue
    for (let i = 0; i < to.length; i++) bytes[at + i] = to.charCodeAt(i)
    places++
  }
  expect(places).toBeGreaterThan(0)
  return { ...fixture, graph: { ...fixture.graph, bytes } }
}

const reasonOf = ({ config, graph }: Fixture) => planModel(config, graph).reason

describe('planModel', () => {
  it.each(families)('reads %s as its config.json says', (family) => {
    const fixture = readFixture(family)
    const { config } = fixture
    const plan = planOf(fixture)
    expect(plan).toMatchObject({
      hidden: config.hidden_size,
      intermediate: config.intermediate_size,
      heads: config.num_attention_heads,
      keyValueHeads: config.num_key_value_heads,
      headDim: config.head_dim,
      vocab: config.vocab_size,
      context: config.max_position_embeddings,
    })
    expect(plan.layers.length).toBe(config.num_hidden_layers)
    expect(plan.epsilon).toBeCloseTo(config.rms_norm_eps as number, 9)
  })

  it('takes the parts of stored-together projections where they lie', () => {
    const fixture = readFixture('qwen2')
    const { query, key, value, gate, up } = planOf(fixture).layers[1]!
    const tensors = readOnnxGraph('g', fixture.graph.bytes).tensors
    const start = (name: string) => tensors.get(`layers.1.${name}`)!.place!.offset
    expect([query.rows, key.rows, value.rows]).toEqual([64, 32, 32])
    expect([query, key, value].map(({ weights }) => weights.offset - start('qkv.weight'))).toEqual([0, 64 * 32, 96 * 32])
    expect([query, key, value].map(({ scales }) => scales!.offset - start('qkv.scale'))).toEqual([0, 64 * 8, 96 * 8])
    expect([query, key, value].map(({ zeroPoints }) => zeroPoints !== undefined)).toEqual([true, true, true])
    expect([query, key, value].map(({ bias }) => bias!.length)).toEqual([64, 32, 32])
    expect(up.weights.offset - gate.weights.offset).toBe(128 * 32)
  })

  it('knows what differs between families', () => {
    const gemma = planOf(readFixture('gemma3'))
    expect(gemma.gate).toBe('gelu-tanh')
    expect(gemma.layers.map(({ window }) => window > 0)).toContain(true)
    expect(gemma.layers.map(({ window }) => window > 0)).toContain(false)
    expect(new Set(gemma.layers.map(({ rotary }) => rotary.theta)).size).toBe(2)
    expect(gemma.layers[0]).toHaveProperty('postMlpNorm')
    expect(gemma.embeddingScale).toBeCloseTo(8, 2)
    const granite = planOf(readFixture('granite'))
    expect(granite.residualScale).toBeCloseTo(readFixture('granite').config.residual_multiplier as number, 6)
    expect(granite.logitScale).not.toBe(1)
    expect(planOf(readFixture('llama3')).layers[0]!.rotary.llama3).toMatchObject({ lowFrequencyFactor: 1, highFrequencyFactor: 4 })
    expect(planOf(readFixture('qwen3')).layers[0]).toHaveProperty('keyNorm')
  })

  it('says why where it cannot', () => {
    const llama = readFixture('llama')
    const withConfig = (change: object, fixture = llama) => reasonOf({ ...fixture, config: { ...fixture.config, ...change } })
    expect(withConfig({ model_type: 'mamba' })).toContain('architecture mamba')
    expect(withConfig({ model_type: 'toString' })).toContain('architecture toString')
    expect(withConfig({ rope_theta: 500 })).toContain('rotary embedding is not the one')
    expect(withConfig({ rope_scaling: { rope_type: 'yarn', factor: 4 } })).toContain('yarn')
    expect(withConfig({ model_type: 'qwen3' })).toContain('norm of queries')
    expect(withConfig({ model_type: 'gemma3_text' })).toContain('activation')
    expect(withConfig({ attention_multiplier: 0.5 }, readFixture('granite'))).toContain('scale of attention')
    expect(reasonOf(renamed(llama, 'Sigmoid', 'Softmax'))).toContain('feed-forward')
    expect(reasonOf(renamed(llama, 'GroupQueryAttention', 'GrouqQueryAttention'))).toContain('GroupQueryAttention')
    expect(reasonOf(renamed(llama, 'MatMulNBits', 'MatMulXBits'))).toContain('MatMulXBits')
    expect(reasonOf(renamed(llama, 'block_size', 'block_sice'))).toContain('not whole blocks')
    const patched = (attribute: string, value: number) => reasonOf({ ...llama, graph: { ...llama.graph, bytes: patchAttribute(llama.graph.bytes, attribute, value) } })
    expect(patched('block_size', 48)).toMatch(/MatMulNBits .*has blocks of 48, which is none of 16, 32, 64, 128, 256|not whole blocks/)
    expect(patched('bits', 2)).toMatch(/has 2-bit weights, not 4 or 8|not whole blocks/)
    expect(patched('N', 60)).toMatch(/another size than the node says|elements for|heads of/)
    expect(patched('num_heads', 3)).toContain('has 3 heads on')
  })

  it('refuses a damaged graph with a typed error, or says why, and never reads beyond the file', () => {
    const llama = readFixture('llama')
    const corrupt = expect.objectContaining({ code: 'model-corrupt' }) as Error
    expect(() => reasonOf({ ...llama, graph: { ...llama.graph, bytes: llama.graph.bytes.slice(0, 40_000) } })).toThrow(corrupt)
    let seed = 3
    const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below
    let planned = 0
    for (let round = 0; round < 150; round++) {
      const bytes = llama.graph.bytes.slice()
      for (let i = 0; i < 3; i++) bytes[random(bytes.length)] = random(256)
      try {
        const { plan } = planModel(llama.config, { ...llama.graph, bytes })
        if (!plan) continue
        planned++
        for (const { query, down, value } of plan.layers) {
          for (const { rows, columns, bits, block, weights } of [query, down, value]) {
            expect(weights.offset + (rows * Math.ceil(columns / block) * block * bits) / 8).toBeLessThanOrEqual(bytes.length)
          }
        }
      } catch (error) {
        expect(error).toEqual(corrupt)
      }
    }
    // Most damage hits weights, where nobody can see it.
    expect(planned).toBeGreaterThan(0)
  })
})
