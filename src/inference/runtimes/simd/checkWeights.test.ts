import { describe, expect, it } from 'vitest'
import { onnxType, type OnnxNode, type OnnxTensor } from '../../../models/index.js'
import { checkWeights, typeName } from './checkWeights.js'
import { GraphView } from './GraphView.js'
import { Unsupported } from './Unsupported.js'

const weights = (type: number, dims: number[] = [64, 64]): OnnxTensor => ({ name: 'w', type, dims, place: undefined, values: undefined })

function reason(opTypes: string[], tensor?: OnnxTensor): string | undefined {
  const nodes = opTypes.map((opType, i): OnnxNode => ({ name: `/layers.${i}/q_proj`, opType, inputs: ['x', 'w'], outputs: [`y${i}`], attributes: new Map() }))
  const tensors = new Map(tensor ? [['w', tensor]] : [])
  try {
    checkWeights(new GraphView({ nodes, tensors, inputs: ['x'], outputs: ['y'] }))
    return undefined
  } catch (error) {
    expect(error).toBeInstanceOf(Unsupported)
    return (error as Error).message
  }
}

describe('checkWeights', () => {
  it.each([
    [onnxType.float, 'its weights are fp32 (MatMul (/layers.0/q_proj)), and it multiplies with blocks of 4-bit or 8-bit weights only (MatMulNBits, as in a q4 file)'],
    [onnxType.float16, 'its weights are fp16 (MatMul'],
    [16, 'its weights are bf16 (MatMul'],
    [99, 'its weights are type 99 (MatMul'],
  ])('names the format of floats: type %i', (type, expected) => {
    expect(reason(['MatMul', 'Gemm'], weights(type))).toContain(expected)
  })

  it.each([
    ['MatMulIntegerToFloat', '8-bit with one scale for many inputs (MatMulIntegerToFloat'],
    ['DynamicQuantizeMatMul', '8-bit with one scale for many inputs'],
    ['MatMulBnb4', '4-bit in the format bnb4 (MatMulBnb4'],
  ])('names how else weights were rounded: %s', (opType, expected) => {
    expect(reason([opType], weights(onnxType.uint8))).toContain(expected)
  })

  it('leaves graphs with blocks, and such without weights, to who reads their nodes', () => {
    expect(reason(['MatMul', 'MatMulNBits'], weights(onnxType.float))).toBeUndefined()
    // The product of two computed values.
    expect(reason(['MatMul'])).toBeUndefined()
    expect(reason(['MatMul'], weights(onnxType.float, [64]))).toBeUndefined()
  })
})

it('has names for types of tensors', () => {
  expect([onnxType.float, onnxType.int4, 5].map(typeName)).toEqual(['fp32', 'int4', 'type 5'])
})
