import { afterEach, describe, expect, it } from 'vitest'
import { scriptedRuntime, workerHost } from '../../test/helpers/engine/workerHost.js'
import { LLMError } from '../errors/index.js'
import type { LoadRequest } from '../inference/types.js'
import { loadModel } from './loadModel.js'
import { ModelEngine } from './ModelEngine.js'
import { Retreats } from './Retreats.js'
import type { LLMConfig } from './types.js'

/** Milliseconds of a token on each device; undefined: it cannot run the model. */
interface Speeds {
  webgpu: number
  wasm: number | undefined
  /** Whether no second thread can be started. */
  isAlone?: boolean
}

const engines: ModelEngine[] = []
afterEach(() => engines.splice(0).forEach((engine) => engine.dispose()))

/** A device with a GPU. Every call of the result is one visit of the page: a load, with what was asked of the worker. */
function device(speeds: Speeds, kept = new Map<string, string>()) {
  const visit = async (config: Partial<LLMConfig> = {}) => {
    const requests: LoadRequest[] = []
    const { host } = workerHost(
      () => (request) => {
        requests.push(request)
        const taken = request.device === 'webgpu' ? ('webgpu' as const) : ('wasm' as const)
        const msPerToken = speeds[taken]
        if (msPerToken === undefined) return Promise.reject(new LLMError({ code: 'unsupported-architecture', message: 'The core cannot.' }))
        const runtime = scriptedRuntime(() => Promise.resolve(), taken)
        const threads = speeds.isAlone ? 1 : (request.threads ?? 2)
        const probe = request.probe ? { msPerToken, ...(taken === 'wasm' && { threads: [{ threads, msPerToken }] }) } : undefined
        const model = { ...runtime.model, dtype: 'q4' as const, backend: taken === 'wasm' ? 'simd' : 'gpu', threads, probe }
        return Promise.resolve({ ...runtime, model })
      },
      'webgpu',
    )
    const remembering = { ...host, recall: (key: string) => kept.get(key) ?? null, remember: (key: string, text: string) => void kept.set(key, text) }
    const engine = new ModelEngine({ models: { onnx: '/m' }, ...config }, () => Promise.resolve({ host: remembering, loadModel, Retreats }))
    engines.push(engine)
    return { model: await engine.load(), requests }
  }
  return { visit, kept }
}

describe('a fast GPU', () => {
  it('is measured once and kept', async () => {
    const { visit } = device({ webgpu: 9, wasm: 5 })
    const first = await visit()
    expect(first.requests).toMatchObject([{ device: 'webgpu', probe: true }])
    expect(first.model.probe).toEqual({ msPerToken: 9 })
    const second = await visit()
    expect(second.requests).toMatchObject([{ device: 'webgpu', probe: false }])
    expect(second.model.probe).toEqual({ msPerToken: 9 })
  })
})

describe('a slow GPU', () => {
  it('gives way to a CPU that is faster, after both were measured', async () => {
    const { visit } = device({ webgpu: 60, wasm: 12 })
    expect((await visit()).model.device).toBe('webgpu')
    const trial = await visit()
    expect(trial.requests).toMatchObject([{ device: 'wasm', dtype: 'q4', cpuBackend: 'simd', probe: true }])
    const third = await visit()
    expect(third.requests).toMatchObject([{ device: 'wasm', dtype: 'auto', cpuBackend: 'auto', probe: false, threads: 2 }])
    expect(third.model.deviceReason).toBe('Measured before: a token takes 12 ms on the CPU and 60 ms on the GPU.')
    expect(third.model.probe).toEqual({ msPerToken: 12, threads: [{ threads: 2, msPerToken: 12 }] })
  })

  it('is taken again where the CPU is no faster', async () => {
    const { visit } = device({ webgpu: 60, wasm: 55 })
    await visit()
    expect((await visit()).model.device).toBe('wasm')
    expect((await visit()).model.device).toBe('webgpu')
  })

  it('is taken at once, and from then on, where the core cannot run the model', async () => {
    const { visit } = device({ webgpu: 60, wasm: undefined })
    await visit()
    const trial = await visit()
    expect(trial.requests.map(({ device }) => device)).toEqual(['wasm', 'webgpu'])
    expect(trial.model.device).toBe('webgpu')
    expect((await visit()).requests.map(({ device }) => device)).toEqual(['webgpu'])
  })

  it('stays where the app asks for it, or for another backend', async () => {
    const { visit } = device({ webgpu: 60, wasm: 12 })
    for (const config of [{ device: 'webgpu' }, { cpuBackend: 'onnxruntime' }] as const) {
      await visit(config)
      expect((await visit(config)).model.device).toBe('webgpu')
    }
  })
})

it('leaves the number of threads to the app where it sets one', async () => {
  const { visit } = device({ webgpu: 60, wasm: 12 })
  await visit()
  await visit()
  expect((await visit({ threads: 1 })).requests).toMatchObject([{ device: 'wasm', threads: 1 }])
})

it('measures the CPU anew where threads could not be started', async () => {
  const speeds = { webgpu: 60, wasm: 12, isAlone: true }
  const { visit } = device(speeds)
  await visit()
  expect((await visit()).model).toMatchObject({ device: 'wasm', threads: 1, probe: { msPerToken: 12 } })
  speeds.isAlone = false
  expect((await visit()).requests).toMatchObject([{ device: 'wasm', probe: true, threads: undefined }])
  expect((await visit()).requests).toMatchObject([{ device: 'wasm', probe: false, threads: 2 }])
})

it('measures anew where what was kept cannot be read', async () => {
  const { visit, kept } = device({ webgpu: 9, wasm: 12 })
  await visit()
  for (const text of ['{', '7', 'null', '{"webgpu":3}', '{"webgpu":{}}']) {
    for (const key of kept.keys()) kept.set(key, text)
    expect((await visit()).requests).toMatchObject([{ device: 'webgpu', probe: true }])
  }
})

it('measures nothing where nothing can be kept', async () => {
  const { host } = workerHost(() => (request) => {
    expect(request.probe).toBe(false)
    return Promise.resolve(scriptedRuntime(() => Promise.resolve()))
  })
  const engine = new ModelEngine({ models: { onnx: '/m' } }, () => Promise.resolve({ host, loadModel, Retreats }))
  engines.push(engine)
  expect((await engine.load()).probe).toBeUndefined()
})
