import { describe, expect, it } from 'vitest'
import { parseManifest } from './manifest.js'

const sha256 = 'AB'.repeat(32)

describe('parseManifest', () => {
  it('reads files and dtypes', () => {
    const manifest = parseManifest({
      formatVersion: 1,
      name: 'm',
      architecture: 'LlamaForCausalLM',
      files: { 'onnx/model.onnx': { size: 3, sha256 } },
      dtypes: { fp32: { file: 'onnx/model.onnx' }, q2: { file: 'onnx/model_q2.onnx' } },
      source: { repo: 'a/b' },
    })
    expect(manifest?.files.get('onnx/model.onnx')).toEqual({ size: 3, sha256: sha256.toLowerCase() })
    expect([...(manifest?.dtypes ?? [])]).toEqual([['fp32', { file: 'onnx/model.onnx', optional: false }]])
    expect(manifest).toMatchObject({ name: 'm', source: { repo: 'a/b' } })
  })

  it('reads how much the model should lean to calls', () => {
    expect(parseManifest({ formatVersion: 1, toolCallBias: -0.75 })?.toolCallBias).toBe(-0.75)
    expect(parseManifest({ formatVersion: 1 })?.toolCallBias).toBeUndefined()
    expect(() => parseManifest({ formatVersion: 1, toolCallBias: '1' })).toThrow(/toolCallBias.*not a number/)
  })

  it.each([{ name: 'My app', icons: [] }, [], null, 'x'])('leaves %o alone: it is not about a model', (value) => {
    expect(parseManifest(value)).toBeUndefined()
  })

  it('keeps names of JavaScript’s own out of every prototype', () => {
    const value: unknown = JSON.parse('{"formatVersion":1,"files":{"__proto__":{"size":1},"constructor":{"size":2}},"dtypes":{"__proto__":{"file":"x"}}}')
    const manifest = parseManifest(value)
    expect(manifest?.files.get('__proto__')).toEqual({ size: 1, sha256: undefined })
    expect(manifest?.dtypes.size).toBe(0)
    expect(({} as Record<string, unknown>).size).toBeUndefined()
    expect(parseManifest(JSON.parse('{"__proto__":{"formatVersion":1}}'))).toBeUndefined()
  })

  it.each([
    [{ formatVersion: 2 }, /formatVersion 2/],
    [{ formatVersion: 1, files: [] }, /"files"/],
    [{ formatVersion: 1, files: { '../x': { size: 1 } } }, /\.\.\/x/],
    [{ formatVersion: 1, files: { x: { size: -1 } } }, /size of "x"/],
    [{ formatVersion: 1, files: { x: { size: 1e300 } } }, /size of "x"/],
    [{ formatVersion: 1, files: { x: { sha256: 'abc' } } }, /sha256 of "x"/],
    [{ formatVersion: 1, files: { x: 1 } }, /file "x"/],
    [{ formatVersion: 1, dtypes: { q4: { file: 'https://evil.example/x' } } }, /evil/],
    [{ formatVersion: 1, dtypes: { q4: 'x' } }, /dtype "q4"/],
    [{ formatVersion: 1, name: 1 }, /"name"/],
  ])('refuses %o', (value, message) => {
    expect(() => parseManifest(value)).toThrow(
      expect.objectContaining({ code: 'model-corrupt', message: expect.stringMatching(message) as string }),
    )
  })
})
