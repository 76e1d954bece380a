import { describe, expect, it } from 'vitest'
import { isLLMError } from '../errors/index.js'
import type { LLMConfig } from './types.js'
import { validateConfig } from './validateConfig.js'

function failure(config: unknown): { code: string; subject: string | undefined } | undefined {
  try {
    validateConfig(config as LLMConfig)
  } catch (error) {
    if (isLLMError(error)) return { code: error.code, subject: error.subject }
    throw error
  }
  return undefined
}

const models = { onnx: '/models/m' }

describe('validateConfig', () => {
  it('fills in the defaults', () => {
    expect(validateConfig({ models })).toEqual({
      runtime: 'onnx',
      model: { id: '/models/m' },
      device: 'auto',
      dtype: 'auto',
      storage: 'auto',
      eviction: 'never',
      hubURL: 'https://huggingface.co',
      hubToken: undefined,
      threads: undefined,
      hangTimeout: undefined,
      cpuBackend: 'auto',
      prefixCache: { memoryMB: undefined, persist: true },
      speculation: true,
      numericsCheck: true,
    })
  })

  it('takes `false` for no watchdog', () => {
    expect(validateConfig({ hangTimeout: false }).hangTimeout).toBe(0)
    expect(validateConfig({ hangTimeout: 5000 }).hangTimeout).toBe(5000)
  })

  it('takes the embedded model where no models are named', () => {
    expect(validateConfig({})).toMatchObject({ runtime: 'onnx', model: { id: '/models/function-caller' } })
    expect(validateConfig({ models: undefined }).model.id).toBe('/models/function-caller')
    expect(validateConfig({ preferredRuntime: 'transformers' })).toMatchObject({ runtime: 'transformers', model: { id: '/models/function-caller' } })
  })

  it('takes the first runtime that has a model, or the preferred one', () => {
    const both = { onnx: 'org/a', transformers: 'org/b' }
    expect(validateConfig({ models: both })).toMatchObject({ runtime: 'onnx', model: { id: 'org/a' } })
    expect(validateConfig({ models: { transformers: 'org/b' } }).runtime).toBe('transformers')
    expect(validateConfig({ models: both, preferredRuntime: 'transformers' }).model.id).toBe('org/b')
  })

  it.each<[string, unknown, string, string]>([
    ['no config', undefined, 'invalid-config', 'config'],
    ['a list', [], 'invalid-config', 'config'],
    ['models that are a path', { models: '/models/m' }, 'no-model', 'models'],
    ['models that are null', { models: null }, 'no-model', 'models'],
    ['empty models', { models: {} }, 'no-model', 'models'],
    ['models left undefined', { models: { onnx: undefined, transformers: undefined } }, 'no-model', 'models'],
    ['a preferred runtime without a model', { models, preferredRuntime: 'transformers' }, 'no-model', 'models.transformers'],
    ['an unknown runtime', { models, preferredRuntime: 'webllm' }, 'unknown-runtime', 'preferredRuntime'],
    ['a runtime from the prototype', { models, preferredRuntime: 'constructor' }, 'unknown-runtime', 'preferredRuntime'],
    ['a model of an unknown runtime', { models: { gguf: 'x' } }, 'unknown-runtime', 'models.gguf'],
    ['an empty model id', { models: { onnx: ' ' } }, 'no-model', 'models.onnx'],
    ['a model that is a number', { models: { onnx: 3 } }, 'no-model', 'models.onnx'],
    ['a model without id', { models: { onnx: { dtype: 'q4' } } }, 'no-model', 'models.onnx'],
    ['an unknown dtype of a model', { models: { onnx: { id: 'a/b', dtype: 'q3' } } }, 'invalid-config', 'models.onnx.dtype'],
    ['a prefix cache that is on', { models, prefixCache: true }, 'invalid-config', 'prefixCache'],
    ['a prefix cache of no size', { models, prefixCache: { memoryMB: 'all' } }, 'invalid-config', 'prefixCache.memoryMB'],
    ['a prefix cache of less than nothing', { models, prefixCache: { memoryMB: -1 } }, 'invalid-config', 'prefixCache.memoryMB'],
    ['a prefix that is perhaps stored', { models, prefixCache: { persist: 1 } }, 'invalid-config', 'prefixCache.persist'],
    ['a word for a switch', { models, speculation: 'off' }, 'invalid-config', 'speculation'],
    ['a word for a check', { models, numericsCheck: 'off' }, 'invalid-config', 'numericsCheck'],
    ['an unknown backend for CPUs', { models, cpuBackend: 'wasm' }, 'invalid-config', 'cpuBackend'],
    ['an unknown device', { models, device: 'gpu' }, 'invalid-config', 'device'],
    ['an unknown dtype', { models, dtype: 'int4' }, 'invalid-config', 'dtype'],
    ['an unknown storage', { models, storage: 'disk' }, 'invalid-config', 'storage'],
    ['an unknown time to load', { models, load: 'now' }, 'invalid-config', 'load'],
    ['a Hub that is no URL', { models, hubURL: 'hub' }, 'invalid-config', 'hubURL'],
    ['a hang of less than no time', { models, hangTimeout: -1 }, 'invalid-config', 'hangTimeout'],
    ['no threads', { models, threads: 0 }, 'invalid-config', 'threads'],
  ])('refuses %s', (_, config, code, subject) => {
    expect(failure(config)).toEqual({ code, subject })
  })

  it('does not read what a prototype lends', () => {
    const lent = Object.create({ onnx: '/models/evil' }) as object
    expect(failure({ models: lent })).toEqual({ code: 'no-model', subject: 'models' })
    const config = Object.assign(Object.create({ device: 'nonsense', hubURL: 'nonsense' }) as object, { models })
    expect(failure(config)).toBeUndefined()
  })
})
