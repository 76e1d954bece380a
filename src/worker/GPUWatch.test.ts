import { afterEach, describe, expect, it, vi } from 'vitest'
import { FakeGPULoss } from '../../test/helpers/FakeGPU.js'
import { LLMError } from '../errors/index.js'
import { GPUWatch } from './GPUWatch.js'

const settled = () => new Promise((resolve) => setTimeout(resolve))
const failure = new LLMError({ code: 'session-failed', message: 'mapAsync failed.' })

function setUp() {
  const watch = new GPUWatch()
  const device = new FakeGPULoss()
  const onLoss = vi.fn()
  watch.add(device)
  watch.onLoss(onLoss)
  return { watch, device, onLoss }
}

describe('a loss of the GPU', () => {
  it.each(['unknown', 'destroyed'] as const)('is told once a model uses it: %s', async (reason) => {
    const { watch, device, onLoss } = setUp()
    watch.use()
    await settled()
    expect(onLoss).not.toHaveBeenCalled()
    device.lose({ reason, message: 'driver reset' })
    await settled()
    expect(onLoss.mock.calls).toMatchObject([[{ code: 'device-lost', subject: 'webgpu', recoverable: true, message: expect.stringContaining('(driver reset)') as string }]])
  })

  it('is told while the model loads', async () => {
    const { device, onLoss } = setUp()
    device.lose({ reason: 'unknown', message: '' })
    await settled()
    expect(onLoss).toHaveBeenCalledOnce()
  })

  it('is none where the load gives one device back and takes another', async () => {
    const { watch, device, onLoss } = setUp()
    device.lose({ reason: 'destroyed', message: '' })
    await settled()
    watch.add(new FakeGPULoss())
    watch.use()
    await settled()
    expect(onLoss).not.toHaveBeenCalled()
  })

  it('is told where the load ends with a device that is gone', async () => {
    const { watch, device, onLoss } = setUp()
    device.lose({ reason: 'destroyed', message: '' })
    await settled()
    watch.use()
    await settled()
    expect(onLoss).toHaveBeenCalledOnce()
  })

  it('explains a failure, before it and soon after', async () => {
    const { watch, device } = setUp()
    const explained = watch.explain(failure)
    device.lose({ reason: 'unknown', message: '' })
    expect(await explained).toMatchObject({ code: 'device-lost' })
    expect(await watch.explain(failure)).toMatchObject({ code: 'device-lost' })
  })

  it('does not explain every failure', async () => {
    expect(await setUp().watch.explain(failure)).toBe(failure)
    expect(await new GPUWatch().explain(failure)).toBe(failure)
  })
})

describe('the GPU of a realm', () => {
  afterEach(() => void vi.unstubAllGlobals())

  it('is whatever device the realm is given', async () => {
    const device = new FakeGPULoss()
    class GPUAdapter {
      requestDevice(descriptor: { label: string }) {
        return Promise.resolve(Object.assign(device, descriptor))
      }
    }
    vi.stubGlobal('GPUAdapter', GPUAdapter)
    const onLoss = vi.fn()
    GPUWatch.ofRealm().onLoss(onLoss)
    expect(await new GPUAdapter().requestDevice({ label: 'mine' })).toMatchObject({ label: 'mine' })
    device.lose({ reason: 'unknown', message: '' })
    await settled()
    expect(onLoss).toHaveBeenCalledOnce()
  })

  it('is none where there is no WebGPU', () => {
    expect(GPUWatch.ofRealm()).toBeInstanceOf(GPUWatch)
  })
})
