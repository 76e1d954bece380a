import { describe, expect, it } from 'vitest'
import { checkConfig } from './checkConfig.js'
import { refuseHuge } from './fileLimits.js'
import { parseJSON, parseJSONObject } from './parseJSON.js'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const corrupt = expect.objectContaining({ name: 'LLMError', code: 'model-corrupt', subject: 'config.json' }) as Error

describe('JSON that is not to be trusted', () => {
  it.each([10_000, 1_000_000])('of %i levels is refused', (depth) => {
    expect(() => parseJSON('config.json', bytes('['.repeat(depth) + ']'.repeat(depth)))).toThrow(corrupt)
    expect(() => parseJSON('config.json', bytes('{"a":'.repeat(depth) + '1' + '}'.repeat(depth)))).toThrow(corrupt)
  })

  it('of some levels is read', () => {
    expect(parseJSON('config.json', bytes('['.repeat(60) + ']'.repeat(60)))).toHaveLength(1)
  })

  it('of brackets in texts is read', () => {
    const value = { a: `\\" ${'['.repeat(200)} \\`, ['{'.repeat(200)]: '"', ü: '日' }
    expect(parseJSON('config.json', bytes(JSON.stringify(value)))).toEqual(value)
    // A text that does not end hides nothing: it is no JSON.
    expect(() => parseJSON('config.json', bytes(`"${'['.repeat(200)}`))).toThrow(corrupt)
  })

  it('changes no prototype', () => {
    const value = parseJSONObject('config.json', bytes('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"a":{"__proto__":null}}'))
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    expect((value as { polluted?: unknown }).polluted).toBeUndefined()
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
    expect(Object.getPrototypeOf(value.a)).toBe(Object.prototype)
  })

  it('is refused by its size before it is read', () => {
    expect(() => refuseHuge('config.json', 5 * 1024 * 1024)).toThrow(corrupt)
    expect(() => refuseHuge('config.json', 100_000)).not.toThrow()
    expect(() => refuseHuge('config.json', undefined)).not.toThrow()
    expect(() => refuseHuge('onnx/model.onnx', 2e9)).not.toThrow()
    expect(() => refuseHuge('constructor', 2e9)).not.toThrow()
  })
})

describe('checkConfig', () => {
  it.each(['{"vocab_size":1e12}', '{"num_hidden_layers":1e9}', '{"hidden_size":1e999}', '{"num_attention_heads":-4}', '{"head_dim":0.5}', '{"num_key_value_heads":0}', '{"text_config":{"max_position_embeddings":1e15}}'])('refuses %s', (text) => {
    expect(() => checkConfig(parseJSONObject('config.json', bytes(text)))).toThrow(corrupt)
  })

  it.each(['{}', '{"vocab_size":262144,"max_position_embeddings":1048576}', '{"head_dim":null,"num_key_value_heads":[4,8],"vocab_size":"many"}', '{"text_config":5}'])('leaves %s to those who need it', (text) => {
    expect(checkConfig(parseJSONObject('config.json', bytes(text)))).toEqual(JSON.parse(text))
  })
})
