import { LLMError, type LLMErrorCode } from '../errors/index.js'
import type { LocalRuntimeName, PrefixCacheConfig } from '../inference/types.js'
import { defaultModelId } from '../models/defaultModel.js'
import type { ModelOptions, ModelRef } from '../models/types.js'
import type { LLMConfig } from './types.js'

/** A checked config with its defaults filled in and one runtime chosen. */
export interface EngineSetup
  extends Required<Pick<LLMConfig, 'device' | 'dtype' | 'storage' | 'eviction' | 'hubURL' | 'cpuBackend' | 'speculation' | 'numericsCheck'>> {
  runtime: LocalRuntimeName
  model: ModelOptions
  hubToken: string | undefined
  threads: number | undefined
  /** Milliseconds; 0: never. */
  hangTimeout: number | undefined
  prefixCache: PrefixCacheConfig | false
}

const runtimes = ['onnx', 'transformers'] as const
const dtypes = ['fp32', 'fp16', 'q8', 'q4', 'q4f16'] as const
const switches = [true, false] as const

/** @throws LLMError `invalid-config`, `unknown-runtime` or `no-model`, naming the field. */
export function validateConfig(config: LLMConfig): EngineSetup {
  if (!isObject(config)) throw fail('config', 'must be an object such as { models: { onnx: "/models/my-model" } }')
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
    threads: checkNumber(own(config, 'threads'), 'threads', 1),
    hangTimeout: own(config, 'hangTimeout') === false ? 0 : checkNumber(own(config, 'hangTimeout') as number | undefined, 'hangTimeout', 0),
    cpuBackend: oneOf(config, 'cpuBackend', ['auto', 'simd', 'onnxruntime'], 'auto'),
    prefixCache: checkPrefixCache(own(config, 'prefixCache')),
    speculation: oneOf(config, 'speculation', switches, true),
    numericsCheck: oneOf(config, 'numericsCheck', switches, true),
  }
}

function checkPrefixCache(value: PrefixCacheConfig | false = {}): PrefixCacheConfig | false {
  if (value === false) return false
  if (!isObject(value)) throw fail('prefixCache', `is ${show(value)}. Use false or { memoryMB: 64 }`)
  const parent = 'prefixCache'
  return {
    memoryMB: checkNumber(own(value, 'memoryMB'), `${parent}.memoryMB`, 0),
    persist: oneOf(value, 'persist', switches, true, { parent }),
  }
}

function chooseModel(config: LLMConfig): { runtime: LocalRuntimeName; model: ModelRef } {
  const preferred = oneOf(config, 'preferredRuntime', ['auto', ...runtimes], 'auto', { code: 'unknown-runtime' })
  const models = own(config, 'models')
  if (models === undefined) return { runtime: preferred === 'auto' ? 'onnx' : preferred, model: defaultModelId }
  if (!isObject(models)) throw fail('models', `is ${show(models)}. Use an object such as { onnx: "/models/my-model" }`, 'no-model')
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
    throw fail(field, `is ${show(ref)}. Set it to a path (/models/my-model) or a Hub id (org/name)`, 'no-model')
  }
  if (own(model, 'dtype') !== undefined) oneOf(model, 'dtype', dtypes, 'fp32', { parent: field })
  return model
}

function checkURL(value: string | undefined): string {
  if (value === undefined) return 'https://huggingface.co'
  if (typeof value === 'string' && /^(https?:\/\/|\/)/.test(value)) return value
  throw fail('hubURL', `is ${show(value)}. Set it to a URL such as https://huggingface.co`)
}

function checkNumber(value: number | undefined, field: string, least: number): number | undefined {
  if (value === undefined || (Number.isInteger(value) && value >= least)) return value
  throw fail(field, `is ${show(value)}. Use a whole number from ${least} on`)
}

function oneOf<T extends object, K extends keyof T & string, V extends string | boolean>(
  object: T,
  name: K,
  allowed: readonly V[],
  fallback: V,
  { parent, code }: { parent?: string; code?: LLMErrorCode } = {},
): V {
  const value: unknown = own(object, name) ?? fallback
  if (allowed.includes(value as V)) return value as V
  const field = parent === undefined ? name : `${parent}.${name}`
  throw fail(field, `is ${show(value)}. Use one of: ${allowed.map(show).join(', ')}`, code)
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
