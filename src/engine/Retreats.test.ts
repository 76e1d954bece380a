import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LLMError } from '../errors/index.js'
import { Retreats } from './Retreats.js'
import type { ReadyModel } from './types.js'
import { validateConfig } from './validateConfig.js'

const setup = validateConfig({ models: { onnx: '/m' } })
const byName = validateConfig({ models: { onnx: '/m' }, device: 'webgpu' })
const model = { id: 'm', deviceReason: 'The config asks for WASM.', backendReason: 'because' } as ReadyModel
const loss = (message = 'The GPU was lost.') => new LLMError({ code: 'device-lost', message })
const minute = 60_000

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('the GPU', () => {
  it('is tried again after one loss, and left after two', () => {
    const retreats = new Retreats()
    expect(retreats.note(loss(), 'webgpu')).toBe(false)
    expect(retreats.apply(setup)).toEqual(setup)
    expect(retreats.explain(model, setup)).toEqual(model)
    vi.advanceTimersByTime(4 * minute)
    expect(retreats.note(loss('Lost again.'), 'webgpu')).toBe(true)
    expect(retreats.apply(setup)).toEqual({ ...setup, device: 'wasm' })
    const told = retreats.explain({ ...model, warnings: [{ code: 'storage', message: 'No room.', subject: undefined }] }, setup)
    expect(told.deviceReason).toMatch(/failed 2 times on the GPU within 5 minutes, so WASM was taken.*Lost again\./)
    expect(told.warnings).toEqual([
      { code: 'storage', message: 'No room.', subject: undefined },
      { code: 'device-lost', subject: 'webgpu', message: told.deviceReason },
    ])
  })

  it('is not left where losses are far apart', () => {
    const retreats = new Retreats()
    for (let i = 0; i < 5; i++) {
      expect(retreats.note(loss(), 'webgpu')).toBe(false)
      vi.advanceTimersByTime(6 * minute)
    }
    expect(retreats.apply(setup)).toEqual(setup)
  })

  it('is left for hangs on it, and for nothing else', () => {
    const retreats = new Retreats()
    const hang = new LLMError({ code: 'worker-hung', message: 'Silence.' })
    for (let i = 0; i < 3; i++) {
      retreats.note(hang, 'wasm')
      retreats.note(new LLMError({ code: 'context-overflow', message: 'Too long.' }), 'webgpu')
      retreats.note(new Error('?'), 'webgpu')
    }
    expect(retreats.apply(setup)).toEqual(setup)
    retreats.note(hang, 'webgpu')
    retreats.note(loss(), 'webgpu')
    expect(retreats.apply(setup).device).toBe('wasm')
  })

  it('stays where it was asked for by name', () => {
    const retreats = new Retreats()
    for (let i = 0; i < 3; i++) retreats.note(loss(), 'webgpu')
    expect(retreats.apply(byName)).toEqual(byName)
    expect(retreats.explain(model, byName)).toEqual(model)
  })
})

describe('threads', () => {
  it('are given up once, beside the GPU', () => {
    const retreats = new Retreats()
    const lost = new LLMError({ code: 'session-failed', subject: 'threads', message: 'A thread ended.' })
    expect(retreats.note(lost)).toBe(true)
    expect(retreats.note(lost)).toBe(false)
    for (let i = 0; i < 2; i++) retreats.note(loss(), 'webgpu')
    expect(retreats.apply(setup)).toEqual({ ...setup, threads: 1, device: 'wasm' })
    expect(retreats.explain(model, setup)).toMatchObject({ backendReason: 'because. More were given up: A thread ended.', warnings: [{ code: 'device-lost' }] })
  })
})
