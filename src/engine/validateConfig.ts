import { LLMError, type LLMErrorCode } from '../errors/index.js'
import type { LocalRuntimeName, PrefixCacheConfig } from '../inference/types.js'
import { defaultModelId } from '../models/defaultModel.js'
import type { ModelOptions, ModelRef } from '../models/types.js'
import type { LLMConfig } from './types.js'

/** A checked config with its defaults filled in and one runtime chosen. */
export interface EngineSetup
  extends Required<Pick<LLMConfig, 'device' | 'dtype' | 'storage' | 'eviction' | 'hubURL' | 'cpuBackend' | 'speculation'>> {
  runtime: LocalRuntimeName
  model: ModelOptions
  hubToken: string | undefined
  threads: number | undefined
  prefixCache: PrefixCacheConfig | false
}

const runtimes = ['onnx', 'transformers'] as const
const dtypes = ['fp32', 'fp16', 'q8', 'q4', 'q4f16'] as const

/** @throws LLMError `invalid-config`, `unknown-runtime` or `no-model`, naming the field. */
export function validateConfig(config: LLMConfig): EngineSetup {
  if (!isObject(config)) throw fail('config', 'must be an object such as { models: { onnx: "/models/my-model" } } or {}')
  oneOf(config, 'load', ['on-demand', 'eager', 'idle'], 'on-demand')
  const { runtime, model } = chooseModel(config)
  return {
    runtime,
    model: checkModel(model, `models.${runtime}`),
    device: oneOf(config, 'device', ['auto', 'webgpu', 'wasm'], 'auto'),
    dtype: oneOf(config, 'dtype', ['auto', ...dtypes], 'auto'),
    storage: oneOf(config, 'storage', ['auto', 'opfs', 'cache', 'none'], 'auto'),
    eviction: oneOf(config, 'eviction', ['never', 'least-recently-used'], 'never'),
    hubURL: checkURL(own(config, 'hubURL')),
    hubToken: own(config, 'hubToken'),
    threads: checkThreads(own(config, 'threads')),
    cpuBackend: oneOf(config, 'cpuBackend', ['auto', 'simd', 'onnxruntime'], 'auto'),
    prefixCache: checkPrefixCache(own(config, 'prefixCache')),
    speculation: checkSwitch(own(config, 'speculation'), 'speculation'),
  }
}

function checkPrefixCache(value: PrefixCacheConfig | false = {}): PrefixCacheConfig | false {
  if (value === false) return false
  if (!isObject(value)) throw fail('prefixCache', `is ${show(value)}. Set it to false or to an object such as { memoryMB: 64 }, or leave it out`)
  const memoryMB = own(value, 'memoryMB')
  const persist = own(value, 'persist') ?? true
  if (memoryMB !== undefined && !(typeof memoryMB === 'number' && memoryMB >= 0)) {
    throw fail('prefixCache.memoryMB', `is ${show(memoryMB)}. Set it to a number of megabytes from 0 on, or leave it out`)
  }
  if (typeof persist !== 'boolean') throw fail('prefixCache.persist', `is ${show(persist)}. Set it to true or false`)
  return { memoryMB, persist }
}

function chooseModel(config: LLMConfig): { runtime: LocalRuntimeName; model: ModelRef } {
  const preferred = oneOf(config, 'preferredRuntime', ['auto', ...runtimes], 'auto', { code: 'unknown-runtime' })
  const models = own(config, 'models')
  if (models === undefined) return { runtime: preferred === 'auto' ? 'onnx' : preferred, model: defaultModelId }
  if (!isObject(models)) throw fail('models', `is ${show(models)}. Set e.g. models: { onnx: "/models/my-model" }, or leave it out`, 'no-model')
  const stranger = Object.keys(models).find((name) => !(runtimes as readonly string[]).includes(name))
  if (stranger !== undefined) {
    throw fail(`models.${stranger}`, 'is no runtime. Use models.onnx or models.transformers', 'unknown-runtime')
  }
  const runtime = preferred === 'auto' ? runtimes.find((name) => own(models, name) !== undefined) : preferred
  const model = runtime && own(models, runtime)
  if (runtime === undefined || model === undefined) {
    const field = runtime === undefined ? 'models' : `models.${runtime}`
    throw fail(field, 'names no model. Set it to a path (/models/my-model) or a Hub id (org/name)', 'no-model')
  }
  return { runtime, model }
}

function checkModel(ref: ModelRef, field: string): ModelOptions {
  const model = typeof ref === 'string' ? { id: ref } : ref
  if (!isObject(model) || typeof own(model, 'id') !== 'string' || model.id.trim() === '') {
    throw fail(field, `is ${show(ref)}. Set it to a path (/models/my-model), a Hub id (org/name) or { id }`, 'no-model')
  }
  if (own(model, 'dtype') !== undefined) oneOf(model, 'dtype', dtypes, 'fp32', { parent: field })
  return model
}

function checkURL(value: string | undefined): string {
  if (value === undefined) return 'https://huggingface.co'
  if (typeof value === 'string' && /^(https?:\/\/|\/)/.test(value)) return value
  throw fail('hubURL', `is ${show(value)}. Set it to the server's URL, e.g. "https://huggingface.co"`)
}

function checkThreads(value: number | undefined): number | undefined {
  if (value === undefined || (Number.isInteger(value) && value > 0)) return value
  throw fail('threads', `is ${show(value)}. Set it to a whole number from 1 on, or leave it out`)
}

function checkSwitch(value: boolean | undefined, field: string): boolean {
  if (value === undefined || typeof value === 'boolean') return value ?? true
  throw fail(field, `is ${show(value)}. Set it to true or false, or leave it out`)
}

function oneOf<T extends object, K extends keyof T & string, V extends string>(
  object: T,
  name: K,
  allowed: readonly V[],
  fallback: V,
  { parent, code }: { parent?: string; code?: LLMErrorCode } = {},
): V {
  const value: unknown = own(object, name) ?? fallback
  if (allowed.includes(value as V)) return value as V
  const field = parent === undefined ? name : `${parent}.${name}`
  throw fail(field, `is ${show(value)}. Use one of: ${allowed.map((item) => `"${item}"`).join(', ')}`, code)
}

/** Reads only what the object itself holds, never what a polluted prototype lends it. */
function own<T extends object, K extends keyof T>(object: T, name: K): T[K] | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function show(value: unknown): string {
  return typeof value === 'string' ? `"${value}"` : String(value)
}

function fail(field: string, problem: string, code: LLMErrorCode = 'invalid-config'): LLMError {
  return new LLMError({ code, subject: field, message: `The config's \`${field}\` ${problem}.` })
}
