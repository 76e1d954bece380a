import { describe, expect, it } from 'vitest'
import type { OnnxGraph, OnnxNode, OnnxTensor } from '../../../models/index.js'
import { GraphView } from './GraphView.js'
import { planRotary } from './planRotary.js'
import { WeightFiles } from './WeightFiles.js'

const frequencies = Float32Array.from([0, 1, 2, 3], (i) => 10_000 ** (-i / 4))
const files = new WeightFiles({ path: 'g', bytes: new Uint8Array(frequencies.buffer), externalData: [] })

const node = (opType: string, inputs: string[], output: string): OnnxNode => ({ name: output, opType, inputs, outputs: [output], attributes: new Map() })
const scalar = (name: string, value: number): OnnxTensor => ({ name, type: 1, dims: [], place: undefined, values: [value] })

/** Tables that a graph computes from positions and frequencies. */
function graph({ start = 0, angles = 'Mul', sine = 'Sin' } = {}): OnnxGraph {
  const tensors = [
    scalar('zero', start),
    scalar('end', 4096),
    scalar('one', 1),
    { name: 'frequencies', type: 1, dims: [4], place: { file: undefined, offset: 0, length: 16 }, values: undefined },
  ]
  return {
    nodes: [
      node('Range', ['zero', 'end', 'one'], 'range'),
      node('Unsqueeze', ['range', 'one'], 'positions'),
      node(angles, ['positions', 'frequencies'], 'angles'),
      node('Cos', ['angles'], 'cos.float'),
      node('Cast', ['cos.float'], 'cos'),
      node(sine, ['angles'], 'sin'),
    ],
    tensors: new Map(tensors.map((tensor) => [tensor.name, tensor])),
    inputs: [],
    outputs: [],
  }
}

const plan = (parts: OnnxGraph, theta = 10_000) =>
  planRotary(new GraphView(parts), files, { rope_theta: theta }, { cos: 'cos', sin: 'sin', interleaved: false }, false)

describe('tables of the rotary embedding that the graph computes', () => {
  it('are read and proved like stored ones', () => {
    expect(plan(graph())).toEqual({ positions: 4096, rotary: { dimensions: 8, interleaved: false, theta: 10_000, factor: 1 } })
    expect(() => plan(graph(), 9_000)).toThrow('is not the one of config.json')
  })

  it.each([{ start: 1 }, { angles: 'Add' }, { sine: 'Cos' }])('are refused where they are made otherwise: %o', (change) => {
    expect(() => plan(graph(change))).toThrow('does not know the tables')
  })
})
