import { afterEach, describe, expect, it, vi } from 'vitest'
import { detectDevice } from './detectDevice.js'

const adapter = (extra: object = {}) => ({
  features: new Set(['shader-f16']),
  info: { vendor: 'acme', architecture: 'one' },
  requestDevice: () => Promise.resolve({ destroy: () => undefined }),
  ...extra,
})

const withGPU = (gpu: object | undefined) => vi.stubGlobal('navigator', { gpu })

afterEach(() => vi.unstubAllGlobals())

describe('detectDevice', () => {
  it('takes WebGPU when an adapter and a device can be had', async () => {
    withGPU({ requestAdapter: () => Promise.resolve(adapter()) })
    expect(await detectDevice('auto')).toEqual({
      device: 'webgpu',
      deviceReason: 'WebGPU adapter and device found (acme one).',
      adapterFeatures: ['shader-f16'],
    })
  })

  it('does not keep the device it asked for', async () => {
    const destroy = vi.fn()
    withGPU({ requestAdapter: () => Promise.resolve(adapter({ requestDevice: () => Promise.resolve({ destroy }) })) })
    await detectDevice('auto')
    expect(destroy).toHaveBeenCalledOnce()
  })

  it.each<[string, object | undefined, RegExp]>([
    ['there is no WebGPU', undefined, /has no WebGPU/],
    ['there is no adapter', { requestAdapter: () => Promise.resolve(null) }, /no GPU adapter/],
    ['the adapter is refused', { requestAdapter: () => Promise.reject(new Error('blocklisted')) }, /blocklisted/],
    [
      'the device is refused',
      { requestAdapter: () => Promise.resolve(adapter({ requestDevice: () => Promise.reject(new Error('device lost')) })) },
      /device lost/,
    ],
  ])('falls back to WASM with the reason when %s, and says so when WebGPU was asked for', async (_, gpu, reason) => {
    withGPU(gpu)
    const choice = await detectDevice('auto')
    expect(choice.device).toBe('wasm')
    expect(choice.deviceReason).toMatch(reason)
    await expect(detectDevice('webgpu')).rejects.toMatchObject({ code: 'webgpu-unavailable', message: expect.stringMatching(reason) as string })
  })

  it.each([
    ['adapter', { requestAdapter: () => new Promise(() => undefined) }],
    ['device', { requestAdapter: () => Promise.resolve(adapter({ requestDevice: () => new Promise(() => undefined) })) }],
  ])('does not wait for ever for the %s of a GPU that hangs', async (_, gpu) => {
    vi.useFakeTimers()
    withGPU(gpu)
    const choice = detectDevice('auto')
    await vi.advanceTimersByTimeAsync(20_000)
    expect(await choice).toMatchObject({ device: 'wasm', deviceReason: expect.stringContaining('did not answer within 20 s') as string })
    expect(vi.getTimerCount()).toBe(0)
    vi.useRealTimers()
  })

  it('leaves a software adapter to those who ask for it', async () => {
    withGPU({ requestAdapter: () => Promise.resolve(adapter({ info: { isFallbackAdapter: true } })) })
    expect((await detectDevice('auto')).device).toBe('wasm')
    expect((await detectDevice('webgpu')).device).toBe('webgpu')
  })

  it('asks no GPU when WASM is wanted', async () => {
    const requestAdapter = vi.fn()
    withGPU({ requestAdapter })
    expect((await detectDevice('wasm')).device).toBe('wasm')
    expect(requestAdapter).not.toHaveBeenCalled()
  })
})
