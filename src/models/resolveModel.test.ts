import { describe, expect, it } from 'vitest'
import { resolveModel } from './resolveModel.js'

const page = 'https://app.example/demo/index.html?x=1#y'

describe('resolveModel: local', () => {
  it.each([
    ['/models/your-model', page, 'https://app.example/models/your-model/onnx/model.onnx'],
    ['/models/your-model/', page, 'https://app.example/models/your-model/onnx/model.onnx'],
    ['./models/x', page, 'https://app.example/demo/models/x/onnx/model.onnx'],
    ['../x', page, 'https://app.example/x/onnx/model.onnx'],
    ['https://cdn.example/m', page, 'https://cdn.example/m/onnx/model.onnx'],
    ['https://cdn.example/m?sig=1#z', page, 'https://cdn.example/m/onnx/model.onnx?sig=1'],
    ['/disk/100% #1', 'file:///work/', 'file:///disk/100%25%20%231/onnx/model.onnx'],
    ['./m', 'file:///work/', 'file:///work/m/onnx/model.onnx'],
    ['file:///a/b', 'file:///work/', 'file:///a/b/onnx/model.onnx'],
  ])('%s on %s', (id, baseURL, url) => {
    const source = resolveModel(id, { baseURL, hubToken: 'secret' })
    expect(source.kind).toBe('local')
    expect(source.url('onnx/model.onnx')).toBe(url)
    expect(source.hubToken).toBeUndefined()
  })
})

describe('resolveModel: Hub', () => {
  it.each([
    ['org/name', undefined, 'https://huggingface.co/org/name/resolve/main/onnx/model_q4.onnx', 'org/name@main'],
    [{ id: 'org/name', revision: 'refs/pr/7' }, undefined, 'https://huggingface.co/org/name/resolve/refs%2Fpr%2F7/onnx/model_q4.onnx', 'org/name@refs/pr/7'],
    ['gpt2', 'https://mirror.example/hf/', 'https://mirror.example/hf/gpt2/resolve/main/onnx/model_q4.onnx', 'gpt2@main'],
  ])('%o at %s', (ref, hubURL, url, key) => {
    const source = resolveModel(ref, { baseURL: page, hubURL })
    expect(source).toMatchObject({ kind: 'hub', key })
    expect(source.url('onnx/model_q4.onnx')).toBe(url)
  })

  it.each(['ftp://hub.example', 'hub.example', ''])('refuses the hubURL %o', (hubURL) => {
    expect(() => resolveModel('org/name', { baseURL: page, hubURL })).toThrow(
      expect.objectContaining({ code: 'invalid-config', subject: 'hubURL' }),
    )
  })
})

it.each([
  '../secret',
  'onnx/../../secret',
  '/etc/passwd',
  '//evil.example/x',
  'https://evil.example/x',
  'data:text/plain,x',
  'a\\..\\b',
  'a//b',
  './x',
  '.index.json',
  '',
  'x\u0000y',
  'x'.repeat(513),
])('keeps files inside the model: %j', (path) => {
  for (const id of ['/models/m', 'org/name']) {
    expect(() => resolveModel(id, { baseURL: page }).url(path)).toThrow(expect.objectContaining({ code: 'model-corrupt' }))
  }
})

it('encodes what has a meaning in URLs', () => {
  expect(resolveModel('/m', { baseURL: page }).url('a b/%2e%2e?#.bin')).toBe('https://app.example/m/a%20b/%252e%252e%3F%23.bin')
})
