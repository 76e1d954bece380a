import { describe, expect, it } from 'vitest'
import { LLMError } from '../errors/index.js'
import { isLocalId, parseModelRef } from './modelRef.js'
import type { ModelRef } from './types.js'

describe('parseModelRef', () => {
  it.each(['/models/your-model', './models/x', '../x', '.', '..', 'http://localhost:1/x', 'https://a.example/x', 'blob:https://a.example/1', 'file:///x'])(
    'takes %s as a place',
    (id) => {
      expect(isLocalId(id)).toBe(true)
      expect(parseModelRef(id)).toEqual({ id })
    },
  )

  it.each(['org/name', 'onnx-community/Qwen3-0.6B-ONNX', 'gpt2', 'a/b.c_d-e'])('takes %s as a Hub id', (id) => {
    expect(isLocalId(id)).toBe(false)
    expect(parseModelRef({ id, revision: 'refs/pr/1', dtype: 'q4' })).toEqual({ id, revision: 'refs/pr/1', dtype: 'q4' })
  })

  it.each([
    ['a/b/c', 'id'],
    ['models\\x', 'id'],
    ['org/..', 'id'],
    ['org/na me', 'id'],
    ['-org/name', 'id'],
    ['', 'id'],
    ['C:\\models', 'id'],
    [{ id: 'org/name', dtype: 'q5' }, 'dtype'],
    [{ id: 'org/name', toolCallBias: Number.NaN }, 'toolCallBias'],
    [{ id: 'org/name', revision: '../main' }, 'revision'],
    [{ id: 'org/name', chatTemplate: 7 }, 'chatTemplate'],
    [undefined, 'id'],
    [null, 'id'],
    [{}, 'id'],
  ])('refuses %o and names %s', (ref, subject) => {
    const parse = (): unknown => parseModelRef(ref as ModelRef)
    expect(parse).toThrow(LLMError)
    expect(parse).toThrow(expect.objectContaining({ code: 'invalid-config', subject }))
  })
})
