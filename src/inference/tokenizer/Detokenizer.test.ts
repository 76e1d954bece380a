import { describe, expect, it } from 'vitest'
import { modelJSON } from '../../../test/helpers/embeddedModel.js'
import { isLLMError } from '../../errors/index.js'
import { Tokenizer } from './Tokenizer.js'

const texts = [
  'Hello, world!',
  '{"name":"set_square_color","arguments":{"color":"red"}}',
  'Grüße aus Köln — naïve café',
  '日本語のテキスト、絵文字👩‍👩‍👧‍👦と🇩🇪',
  'tabs\tand\nlines\r\n  indented',
  '\ufeffa byte order mark is text',
  'ملاحظة: نص عربي',
  ' leading and trailing ',
]

const smollm2 = new Tokenizer({
  tokenizer: modelJSON('smollm2-tiny', 'tokenizer.json'),
  config: modelJSON('smollm2-tiny', 'tokenizer_config.json'),
})

function stream(tokenizer: Tokenizer, ids: number[], keepSpecial = false): string[] {
  const detokenizer = tokenizer.createDetokenizer({ keepSpecial })
  return [...ids.map((id) => detokenizer.push(id)), detokenizer.finish()]
}

describe('byte-level vocabularies', () => {
  it.each(texts)('gives back %j', (text) => {
    expect(stream(smollm2, smollm2.encode(text)).join('')).toBe(text)
  })

  it('never emits half of a character', () => {
    for (const piece of texts.flatMap((text) => stream(smollm2, smollm2.encode(text)))) {
      expect(piece).not.toContain('\ufffd')
      expect(() => encodeURIComponent(piece)).not.toThrow()
    }
  })

  it('keeps up with JSON that has no spaces', () => {
    const pieces = stream(smollm2, smollm2.encode('{"a":[1,2,3],"b":"cc"}')).slice(0, -1)
    for (const piece of pieces) expect(piece).not.toBe('')
  })

  it('leaves special tokens out, or in', () => {
    const ids = smollm2.encode('a<|im_end|>b')
    expect(stream(smollm2, ids).join('')).toBe('ab')
    expect(stream(smollm2, ids, true).join('')).toBe('a<|im_end|>b')
  })

  it('drops a character that never became whole', () => {
    const ids = smollm2.encode('ok 👩')
    expect(stream(smollm2, ids.slice(0, -1)).join('')).toBe('ok ')
  })

  it('gives back any string of random code points', () => {
    let state = 42
    const random = (limit: number) => (state = (state * 48271) % 2147483647) % limit
    for (let round = 0; round < 200; round++) {
      const points = Array.from({ length: 1 + random(12) }, () => [0x20 + random(0x5f), 0xa0 + random(0x700), random(0xd7ff), 0x1f300 + random(0x400)][random(4)]!)
      const text = String.fromCodePoint(...points).normalize('NFC')
      expect(stream(smollm2, smollm2.encode(text)).join('')).toBe(text)
    }
  })
})

describe('byte-fallback vocabularies', () => {
  const vocabulary = ['<unk>', '<0xF0>', '<0x9F>', '<0x8D>', '<0x8E>', '▁hello', '▁world', '!', '▁']
  const tokenizer = (strip: boolean) =>
    new Tokenizer({
      tokenizer: {
        model: { type: 'BPE', vocab: Object.fromEntries(vocabulary.map((token, id) => [token, id])), merges: [], byte_fallback: true, unk_token: '<unk>' },
        decoder: {
          type: 'Sequence',
          decoders: [
            { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
            { type: 'ByteFallback' },
            { type: 'Fuse' },
            ...(strip ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
          ],
        },
        added_tokens: [],
        normalizer: null,
        pre_tokenizer: null,
        post_processor: null,
      },
      config: {},
    })

  it('joins single bytes to characters and turns marks into spaces', () => {
    expect(stream(tokenizer(false), [5, 6, 1, 2, 3, 4, 7])).toEqual([' hello', ' world', '', '', '', '🍎', '!', ''])
  })

  it('strips one leading space where the tokenizer does', () => {
    expect(stream(tokenizer(true), [5, 6]).join('')).toBe('hello world')
    expect(stream(tokenizer(true), [8, 5]).join('')).toBe(' hello')
  })
})

describe('tokenizers that cannot be used', () => {
  const codeOf = (run: () => unknown) => {
    try {
      run()
    } catch (error) {
      return isLLMError(error) ? error.code : error
    }
    return undefined
  }

  it('names a decoder that cannot be streamed', () => {
    const json = modelJSON('smollm2-tiny', 'tokenizer.json')
    const wordPiece = { ...json, decoder: { type: 'CTC' } }
    expect(codeOf(() => new Tokenizer({ tokenizer: wordPiece, config: {} }))).toBe('unsupported-architecture')
  })

  it('says that a file is no tokenizer', () => {
    expect(codeOf(() => new Tokenizer({ tokenizer: { hello: 1 }, config: {} }))).toBe('tokenizer-missing')
  })
})
