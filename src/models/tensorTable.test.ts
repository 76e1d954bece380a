import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isLLMError } from '../errors/index.js'
import { parseManifest } from './manifest.js'
import { readOnnxGraph } from './onnxTensors.js'
import { fitsFile, parseTensorTables, type TableEntry, type TensorTable } from './tensorTable.js'

const folder = new URL('../../test/fixtures/simd/qwen2/', import.meta.url)
const path = 'onnx/model_q4.onnx'
const file = new Uint8Array(readFileSync(new URL(path, folder)))
const table = parseManifest(JSON.parse(readFileSync(new URL('manifest.json', folder), 'utf8')))!.tensors.get(path)!
const searched = readOnnxGraph(path, file)

/** The table with another entry in place of one. */
function changed(name: string, entry: Partial<TableEntry>): TensorTable {
  return new Map([...table, [name, { ...table.get(name)!, ...entry }]])
}

describe('a table of the pipeline', () => {
  it('gives what the reader finds', () => {
    expect(table.size).toBeGreaterThan(30)
    expect(fitsFile(table, file, table.size)).toBe(true)
    const { tensors, nodes } = readOnnxGraph(path, file, table)
    expect(new Map([...tensors].sort())).toEqual(new Map([...searched.tensors].sort()))
    expect(nodes).toEqual(searched.nodes)
  })

  const scale = 'layers.0.qkv.scale'
  const { offset, length, dims, type } = table.get(scale)!
  it.each<[string, TensorTable]>([
    ['another place', changed(scale, { offset: offset + 2 })],
    ['a place behind the end', changed(scale, { offset: 2 ** 52 })],
    ['more bytes', changed(scale, { length: length + 2 })],
    ['more bytes than there are', changed(scale, { length: 2 ** 52 })],
    ['another type', changed(scale, { type: type + 1 })],
    ['another shape', changed(scale, { dims: [...dims].reverse() })],
    ['another name', new Map([...table].map(([name, entry]) => [name === scale ? 'layers.0.qkv.scalf' : name, entry]))],
    ['one tensor less', new Map([...table].slice(1))],
    ['another file', new Map([...table].map(([name, entry]) => [name, { ...entry, offset: entry.offset + 1 }]))],
    ['nothing', new Map()],
  ])('is not used where it tells %s: the tensors are searched for', (_, wrong) => {
    expect(fitsFile(wrong, file, table.size)).toBe(false)
    expect(readOnnxGraph(path, file, wrong)).toEqual(searched)
  })

  it('cannot make the reader tell a place outside of the file, whatever it and the file say', () => {
    let seed = 7
    const random = (below: number) => (seed = (seed * 48271) % 2147483647) % below
    const names = [...table.keys()]
    let used = 0
    for (let round = 0; round < 300; round++) {
      const bytes = file.slice(0, random(4) === 0 ? random(file.length) : file.length)
      for (let i = random(3); i > 0; i--) bytes[random(bytes.length)] = random(256)
      const wild = () => [random(file.length), random(10), 2 ** random(53)][random(3)]!
      const entry = random(2) === 0 ? {} : { [['offset', 'length', 'type'][random(3)]!]: wild() }
      const told = changed(names[random(names.length)]!, entry)
      try {
        for (const { place } of readOnnxGraph(path, bytes, told).tensors.values()) {
          if (place && place.file === undefined) expect(place.offset + place.length).toBeLessThanOrEqual(bytes.length)
        }
        used++
      } catch (error) {
        expect(isLLMError(error) && error.code).toBe('model-corrupt')
      }
    }
    expect(used).toBeGreaterThan(50)
  })
})

describe('the tables of a manifest', () => {
  it.each([
    ['no object', 7],
    ['null', null],
    ['a list', []],
    ['a table that is a list', { a: [1] }],
    ['an entry that is no list', { a: { w: 5 } }],
    ['an entry that is too short', { a: { w: [1, 2] } }],
    ['negative numbers', { a: { w: [-1, 2, 1] } }],
    ['fractions', { a: { w: [0.5, 2, 1] } }],
    ['texts', { a: { w: ['0', 2, 1] } }],
    ['numbers that are too large', { a: { w: [2 ** 53, 2, 1] } }],
  ])('are left out where they are %s', (_, value) => {
    expect(parseTensorTables(value).size).toBe(0)
  })

  it('are read by the path of their graph', () => {
    const tables = parseTensorTables({ 'onnx/a.onnx': { w: [10, 8, 1, 2], scalar: [30, 4, 1] }, broken: 1 })
    expect([...tables.keys()]).toEqual(['onnx/a.onnx'])
    expect(tables.get('onnx/a.onnx')!.get('w')).toEqual({ offset: 10, length: 8, type: 1, dims: [2] })
    expect(tables.get('onnx/a.onnx')!.get('scalar')!.dims).toEqual([])
    expect(parseTensorTables(undefined).size).toBe(0)
  })
})
