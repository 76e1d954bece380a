import { describe, expect, it } from 'vitest'
import { onnxType, type OnnxTensor, type TensorPlace } from '../../../models/index.js'
import { Unsupported } from './Unsupported.js'
import { WeightFiles } from './WeightFiles.js'

const files = new WeightFiles({
  path: 'onnx/model.onnx',
  bytes: Uint8Array.from({ length: 100 }, (_, i) => i),
  externalData: [
    { path: 'model.onnx_data', bytes: new Uint8Array(50).fill(1) },
    { path: 'model.onnx_data_1', bytes: Uint8Array.from({ length: 60 }, (_, i) => 100 + i) },
  ],
})

function tensor(place: TensorPlace | undefined): OnnxTensor {
  return { name: 'w', type: onnxType.uint8, dims: [8], place, values: undefined }
}

describe('WeightFiles', () => {
  it('numbers the graph 0 and its external data from 1', () => {
    expect(files.place(tensor({ file: undefined, offset: 92, length: 8 }))).toEqual({ file: 0, offset: 92 })
    const external = tensor({ file: 'model.onnx_data_1', offset: 10, length: 8 })
    expect(files.place(external)).toEqual({ file: 2, offset: 10 })
    expect([...files.bytes(external)]).toEqual([110, 111, 112, 113, 114, 115, 116, 117])
  })

  it('refuses weights behind the end of their file, in a file that is not there, or nowhere', () => {
    const place = (file: string | undefined, offset: number) => () => files.place(tensor({ file, offset, length: 8 }))
    expect(place('model.onnx_data', 43)).toThrow(expect.objectContaining({ code: 'model-corrupt', subject: 'model.onnx_data' }))
    expect(place(undefined, 93)).toThrow(expect.objectContaining({ code: 'model-corrupt', subject: 'onnx/model.onnx' }))
    expect(place('other.bin', 0)).toThrow(expect.objectContaining({ code: 'external-data-missing', subject: 'other.bin' }))
    expect(() => files.place(tensor(undefined))).toThrow(Unsupported)
  })
})
