import { afterEach, describe, expect, it } from 'vitest'
import { scriptedRuntime, workerHost } from '../../test/helpers/engine/workerHost.js'
import { LLMError } from '../errors/index.js'
import type { LoadRequest, NumericsReport } from '../inference/types.js'
import type { Dtype } from '../models/types.js'
import { loadModel } from './loadModel.js'
import { ModelEngine } from './ModelEngine.js'
import { Retreats } from './Retreats.js'
import type { LLMConfig } from './types.js'

const engines: ModelEngine[] = []
afterEach(() => engines.splice(0).forEach((engine) => engine.dispose()))

const sane: NumericsReport = { method: 'sanity', tokens: 9, ms: 3, largestLogit: 12, inconsistency: 0 }
const overflown: NumericsReport = { method: 'sanity', problem: 'not-finite', tokens: 8, ms: 3, largestLogit: Infinity }

/** A model in some precisions, of which `wrong` compute wrongly, e.g. `webgpu q4f16`. */
function setUp(available: readonly (Dtype | undefined)[], wrong: readonly string[], config: Partial<LLMConfig> = {}, missing: readonly string[] = []) {
  const tried: string[] = []
  const { host, workers } = workerHost(
    () => (request: LoadRequest) => {
      const isFree = (dtype: Dtype | undefined) => dtype === undefined || (request.dtype === 'auto' ? !request.refused?.includes(dtype) : request.dtype === dtype)
      const dtype = available.find(isFree)
      if (dtype === undefined && !available.includes(undefined)) return Promise.reject(new LLMError({ code: 'dtype-unavailable', message: 'Nothing is left.' }))
      const place = `${request.device} ${dtype ?? '?'}`
      tried.push(place)
      if (missing.includes(place)) return Promise.reject(new LLMError({ code: 'model-too-large', message: 'It is too large.' }))
      const runtime = scriptedRuntime(() => Promise.resolve(), request.device)
      const numerics = request.numericsCheck === false ? undefined : wrong.includes(place) ? overflown : sane
      return Promise.resolve({ ...runtime, model: { ...runtime.model, dtype, numerics } })
    },
    'webgpu',
  )
  const engine = new ModelEngine({ models: { onnx: '/m' }, ...config }, () => Promise.resolve({ host, loadModel, Retreats }))
  engines.push(engine)
  return { engine, tried, workers }
}

describe('a model whose numbers are right', () => {
  it('is taken, without a warning, and tells what was measured', async () => {
    const { engine, tried } = setUp(['q4f16', 'q4'], [])
    const model = await engine.load()
    expect(model).toMatchObject({ dtype: 'q4f16', numerics: sane })
    expect(model.warnings).toBeUndefined()
    expect(tried).toEqual(['webgpu q4f16'])
  })
})

describe('a model whose numbers are wrong', () => {
  it('comes in the next precision, from a new worker, with a warning', async () => {
    const { engine, tried, workers } = setUp(['q4f16', 'q4'], ['webgpu q4f16'])
    const model = await engine.load()
    expect(tried).toEqual(['webgpu q4f16', 'webgpu q4'])
    expect(workers.map(({ terminated }) => terminated)).toEqual([true, false])
    expect(model).toMatchObject({ dtype: 'q4', device: 'webgpu', numerics: sane })
    const [warning] = model.warnings ?? []
    if (warning?.code !== 'numerics-fallback') throw new Error('There is no such warning')
    expect(warning).toMatchObject({ subject: 'test', device: 'webgpu', backend: 'test', dtype: 'q4f16', numerics: overflown })
    expect(warning.message).toMatch(/q4f16 computes wrongly on webgpu.*overflowed/)
  })

  it('comes on the CPU where no precision is left, in any of them', async () => {
    const { engine, tried } = setUp(['q4f16', 'q4'], ['webgpu q4f16', 'webgpu q4'])
    const model = await engine.load()
    expect(tried).toEqual(['webgpu q4f16', 'webgpu q4', 'wasm q4f16'])
    expect(model.deviceReason).toMatch(/WebGPU was found but failed.*q4 computes wrongly/)
    expect(model.warnings?.map(({ code }) => code)).toEqual(['numerics-fallback', 'numerics-fallback'])
  })

  it('comes on the CPU where the next precision fails otherwise', async () => {
    const { engine, tried } = setUp(['q4', 'fp32'], ['webgpu q4'], {}, ['webgpu fp32'])
    expect(await engine.load()).toMatchObject({ device: 'wasm', dtype: 'q4' })
    expect(tried).toEqual(['webgpu q4', 'webgpu fp32', 'wasm q4'])
  })

  it('comes on the CPU where it has one graph only', async () => {
    const { engine, tried } = setUp([undefined], ['webgpu ?'])
    expect(await engine.load()).toMatchObject({ device: 'wasm', warnings: [{ code: 'numerics-fallback', dtype: undefined }] })
    expect(tried).toEqual(['webgpu ?', 'wasm ?'])
  })

  it('is an error where nothing is left', async () => {
    const { engine, tried, workers } = setUp(['q4'], ['webgpu q4', 'wasm q4'])
    await expect(engine.load()).rejects.toMatchObject({ code: 'numerics-failed', subject: 'test', message: expect.stringMatching(/q4 computes wrongly on wasm/) as string })
    expect(tried).toEqual(['webgpu q4', 'wasm q4'])
    expect(workers.every(({ terminated }) => terminated)).toBe(true)
    expect(engine.getState()).toMatchObject({ status: 'error', error: { code: 'numerics-failed' } })
  })

  it('is not replaced by what was not asked for', async () => {
    const both = setUp(['q4f16', 'q4'], ['webgpu q4f16'], { device: 'webgpu', dtype: 'q4f16' })
    await expect(both.engine.load()).rejects.toMatchObject({ code: 'numerics-failed' })
    expect(both.tried).toEqual(['webgpu q4f16'])
    const device = setUp(['q4f16', 'q4'], ['webgpu q4f16', 'webgpu q4'], { device: 'webgpu' })
    await expect(device.engine.load()).rejects.toMatchObject({ code: 'numerics-failed' })
    expect(device.tried).toEqual(['webgpu q4f16', 'webgpu q4'])
    const dtype = setUp(['q4f16', 'q4'], ['webgpu q4'], { dtype: 'q4' })
    expect(await dtype.engine.load()).toMatchObject({ device: 'wasm', dtype: 'q4' })
    expect(dtype.tried).toEqual(['webgpu q4', 'wasm q4'])
  })

  it('is taken as it is where the check is off', async () => {
    const { engine, tried } = setUp(['q4f16', 'q4'], ['webgpu q4f16'], { numericsCheck: false })
    const model = await engine.load()
    expect(model.dtype).toBe('q4f16')
    expect(model.warnings).toBeUndefined()
    expect(tried).toHaveLength(1)
  })
})
