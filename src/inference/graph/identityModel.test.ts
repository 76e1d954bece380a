import { expect, it } from 'vitest'
import { readOnnxGraph } from '../../models/index.js'
import { identityModel } from './identityModel.js'

it('is a graph of one node', () => {
  const { nodes, inputs, outputs, tensors } = readOnnxGraph('identity.onnx', identityModel())
  expect(nodes.map(({ opType, inputs, outputs }) => [opType, inputs, outputs])).toEqual([['Identity', ['x'], ['y']]])
  expect([inputs, outputs, tensors.size]).toEqual([['x'], ['y'], 0])
})
