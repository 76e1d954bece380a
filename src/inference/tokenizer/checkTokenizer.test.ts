import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Tokenizer } from './Tokenizer.js'

interface TokenizerJSON {
  model: { vocab: Record<string, unknown>; merges: unknown; unk_token?: unknown; type: string }
  added_tokens: unknown
  decoder: unknown
  pre_tokenizer: unknown
}

const source = readFileSync(new URL('../../../test/fixtures/simd/llama/tokenizer.json', import.meta.url), 'utf8')

function changed(change: (tokenizer: TokenizerJSON) => void): () => Tokenizer {
  const tokenizer = JSON.parse(source) as TokenizerJSON
  change(tokenizer)
  return () => new Tokenizer({ tokenizer, config: {} })
}

describe('a broken tokenizer', () => {
  it.each<[string, (tokenizer: TokenizerJSON) => void]>([
    ['an id beyond any vocabulary', ({ model }) => (model.vocab.x = 4_000_000_000)],
    ['an id below 0', ({ model }) => (model.vocab.x = -1)],
    ['an id that is no number', ({ model }) => (model.vocab.x = '5')],
    ['an id with a fraction', ({ model }) => (model.vocab.x = 0.5)],
    ['one id for two tokens', ({ model }) => Object.assign(model.vocab, { x: 1_000_000, y: 1_000_000 })],
    ['pieces without scores', ({ model }) => Object.assign(model, { type: 'Unigram', vocab: [['a'], ['b', 1]] })],
    ['merges that are no list', ({ model }) => (model.merges = { length: 1e9 })],
    ['a merge of one token', ({ model }) => (model.merges = ['ab'])],
    ['a merge of three', ({ model }) => (model.merges = [['a', 'b', 'c']])],
    ['merges of two kinds', ({ model }) => (model.merges = [['a', 'b'], 'a b'])],
    ['merges of numbers', ({ model }) => (model.merges = [1, 2])],
    ['an unknown token that is no text', ({ model }) => (model.unk_token = {})],
    ['added tokens that are no list', (tokenizer) => (tokenizer.added_tokens = 5)],
    ['an added token without text', (tokenizer) => (tokenizer.added_tokens = [{ id: 5 }])],
    ['an added token with an absurd id', (tokenizer) => (tokenizer.added_tokens = [{ id: 1e15, content: 'x' }])],
  ])('is refused: %s', (_what, change) => {
    expect(changed(change)).toThrow(expect.objectContaining({ name: 'LLMError', code: 'model-corrupt', subject: 'tokenizer.json' }))
  })

  it.each<[string, (tokenizer: TokenizerJSON) => void]>([
    ['a decoder that is a text', (tokenizer) => (tokenizer.decoder = 'x')],
    ['decoders that are no list', (tokenizer) => (tokenizer.decoder = { type: 'Sequence', decoders: 5 })],
    ['a pattern that is none', (tokenizer) => (tokenizer.pre_tokenizer = { type: 'Split', pattern: { Regex: '(' } })],
    ['no model', (tokenizer) => Object.assign(tokenizer, { model: null })],
  ])('is no tokenizer: %s', (_what, change) => {
    expect(changed(change)).toThrow(expect.objectContaining({ name: 'LLMError', code: 'tokenizer-missing' }))
  })

  it('never gives ids that are none', () => {
    // The unknown token is named and does not exist.
    const tokenizer = changed(({ model }) => Object.assign(model, { vocab: { a: 0 }, merges: [], unk_token: '<unk>' }))()
    expect(tokenizer.encode('a')).toEqual([0])
    expect(() => tokenizer.encode('ab')).toThrow(expect.objectContaining({ name: 'LLMError', code: 'model-corrupt' }))
  })

  it('lists no token where ids are left out', () => {
    const tokenizer = changed((json) => Object.assign(json, { added_tokens: [], model: { ...json.model, vocab: { a: 0, b: 9 }, merges: [] } }))()
    expect(tokenizer.vocabulary().map(({ id, content }) => [id, content])).toEqual([[0, 'a'], [9, 'b']])
  })

  it('reads a vocabulary whose tokens are names of JavaScript’s', () => {
    const tokenizer = changed(({ model }) => {
      Object.defineProperty(model.vocab, '__proto__', { value: 300, enumerable: true })
      Object.assign(model.vocab, { constructor: 301, toString: 302 })
    })()
    expect(['__proto__', 'constructor', 'toString', 'hasOwnProperty'].map((token) => tokenizer.idOf(token))).toEqual([300, 301, 302, undefined])
  })
})
