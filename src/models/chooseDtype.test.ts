import { describe, expect, it } from 'vitest'
import { allDtypes, chooseDtype, graphPathOf } from './chooseDtype.js'
import type { Device, Dtype } from './types.js'

const half = ['shader-f16']

describe('chooseDtype', () => {
  it.each<[Device, string[], Dtype[], Dtype]>([
    ['webgpu', half, allDtypes, 'q4f16'],
    ['webgpu', [], allDtypes, 'q4'],
    ['webgpu', half, ['fp32', 'fp16', 'q8'], 'fp16'],
    ['webgpu', [], ['fp32', 'fp16', 'q8'], 'fp32'],
    ['webgpu', [], ['q8', 'q4'], 'q4'],
    ['wasm', [], allDtypes, 'q8'],
    ['wasm', half, ['fp32', 'q4'], 'fp32'],
    ['wasm', [], ['q4', 'q4f16', 'fp16'], 'q4'],
    ['cpu', [], allDtypes, 'q8'],
  ])('auto on %s with %o takes of %o the %s', (device, adapterFeatures, available, dtype) => {
    const choice = chooseDtype({ device, adapterFeatures, available, requested: 'auto' })
    expect(choice.dtype).toBe(dtype)
    expect(choice.reason).toContain(device)
  })

  it('takes 4 bits first where the CPU is fastest with them', () => {
    const question = { adapterFeatures: [], requested: 'auto' as const, prefersQ4: true }
    expect(chooseDtype({ ...question, device: 'wasm', available: allDtypes }).dtype).toBe('q4')
    expect(chooseDtype({ ...question, device: 'wasm', available: ['fp32', 'q8'] }).dtype).toBe('q8')
    expect(chooseDtype({ ...question, device: 'webgpu', available: allDtypes.filter((dtype) => dtype !== 'q4') }).dtype).toBe('fp32')
  })

  it('takes what was asked for, though something better exists', () => {
    const choice = chooseDtype({ device: 'wasm', adapterFeatures: [], available: allDtypes, requested: 'q4' })
    expect(choice).toEqual({ dtype: 'q4', reason: 'q4 was asked for' })
  })

  it.each<[Device, Dtype[], Dtype | 'auto', RegExp]>([
    ['wasm', ['fp32', 'q8'], 'q4', /has no q4 file.*fp32, q8/],
    ['wasm', [], 'q4', /comes in: none/],
    ['webgpu', ['q4', 'q4f16'], 'q4f16', /q4f16 needs a GPU with shader-f16.*q4/],
    ['webgpu', ['q8', 'q4'], 'q8', /wrong text on WebGPU/],
    ['webgpu', ['q8'], 'auto', /q8 gives wrong text.*device to "wasm"/],
    ['wasm', ['fp16'], 'auto', /fp16 is not for wasm.*q8, fp32, q4/],
  ])('says on %s with %o why not %s', (device, available, requested, message) => {
    expect(() => chooseDtype({ device, adapterFeatures: [], available, requested })).toThrow(
      expect.objectContaining({ code: 'dtype-unavailable', subject: 'dtype', message: expect.stringMatching(message) as string }),
    )
  })
})

it('names graphs as Hub models do', () => {
  expect(allDtypes.map(graphPathOf)).toEqual([
    'onnx/model.onnx',
    'onnx/model_fp16.onnx',
    'onnx/model_quantized.onnx',
    'onnx/model_q4.onnx',
    'onnx/model_q4f16.onnx',
  ])
})
