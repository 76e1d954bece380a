import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Operators } from '../../test/helpers/simd/compileOperators.js'
import { PageShape } from './PageShape.js'
import { layerStruct, matrixStruct, modelStruct, rotaryStruct, sizeOf, writeStruct, type Struct } from './structs.js'
import { turnedBack } from './testing/kept.js'
import { fromHalf, randomMatrix, randomNumbers, type TestMatrix } from './testing/referenceMatmul.js'

const entry = `
export { embed } from './embedding'
export { multiplyGate } from './gates'
export { toIntegers } from './headIntegers'
export { prepareQueries, storeKeyValues } from './keyValues'
export { pageBytes } from './pages'
export { rmsNorm } from './rmsNorm'
export { prepareRotary, rotate, rotaryAngles } from './rotary'
`
const f32 = Math.fround

let core: Operators
beforeAll(async () => {
  core = await Operators.compile(entry, 64)
}, 60_000)
beforeEach(() => core.reset())

function put<S extends Struct>(struct: S, values: Partial<Record<keyof S, number>>): number {
  const address = core.allocate(sizeOf(struct))
  writeStruct(core.memory.buffer, address, struct, values)
  return address
}

function random(count: number, seed = 1, scale = 4): Float32Array {
  const next = randomNumbers(seed)
  return Float32Array.from({ length: count }, () => (next() - 0.5) * scale)
}

const lengths = [1, 2, 3, 4, 7, 64, 576, 1023]

describe('RMSNorm', () => {
  it.each(lengths)('of %d elements agrees with double precision, with and without an offset', (count) => {
    const [x, weight] = [random(count), random(count, 2)]
    for (const offset of [0, 1]) {
      const to = core.put([...new Float32Array(count), 7])
      core.call('rmsNorm', to, core.put(x), core.put(weight), count, 1e-5, offset)
      const factor = 1 / Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / count + 1e-5)
      x.forEach((v, i) => expect(core.floats(to, count)[i]).toBeCloseTo(v * factor * (weight[i]! + offset), 5))
      expect(core.floats(to, count + 1)[count]).toBe(7)
    }
  })

  it('works in place and on zeros', () => {
    const at = core.put(new Float32Array(9))
    core.call('rmsNorm', at, at, core.put(random(9)), 9, 1e-6, 0)
    expect([...core.floats(at, 9)].map(Math.abs)).toEqual(Array(9).fill(0))
  })
})

describe('gates', () => {
  const activations = [
    (g: number) => g / (1 + Math.exp(-g)),
    (g: number) => 0.5 * g * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (g + 0.044715 * g ** 3))),
  ]
  it.each([0, 1])('kind %d agrees with double precision', (kind) => {
    for (const count of lengths) {
      const [gate, up] = [random(count, count, 24), random(count, 2)]
      const at = core.put([...gate, 7])
      core.call('multiplyGate', at, core.put(up), count, kind)
      const truth = [...gate].map((g, i) => activations[kind]!(g) * up[i]!)
      const error = truth.reduce((max, y, i) => Math.max(max, Math.abs(core.floats(at, count)[i]! - y) / (Math.abs(y) + 1e-6)), 0)
      expect(error).toBeLessThan(3e-6)
      expect(core.floats(at, count + 1)[count]).toBe(7)
    }
  })

  it.each([0, 1])('kind %d has its limits far out', (kind) => {
    const at = core.put([200, -200, 1e15, -1e15])
    core.call('multiplyGate', at, core.put([1, 1, 1, 1]), 4, kind)
    expect([...core.floats(at, 4)].map((x) => x + 0)).toEqual([200, 0, f32(1e15), 0])
  })
})

interface Rotary {
  dimensions: number
  interleaved?: number
  theta?: number
  factor?: number
  llama3Factor?: number
  lowFrequencyFactor?: number
  highFrequencyFactor?: number
  originalContext?: number
}

function putRotary(plan: Rotary): { plan: number; frequencies: Float32Array } {
  const frequencies = core.allocate(2 * plan.dimensions)
  const address = put(rotaryStruct, { theta: 10_000, factor: 1, ...plan, frequencies })
  core.call('prepareRotary', address)
  return { plan: address, frequencies: core.floats(frequencies, plan.dimensions / 2) }
}

describe('rotary embedding', () => {
  it('has the frequencies of Hugging Face', () => {
    const { frequencies } = putRotary({ dimensions: 64, theta: 100_000 })
    // 1 / (base ** (torch.arange(0, 64, 2).float() / 64)), each step rounded to float32.
    frequencies.forEach((x, i) => expect(x).toBe(f32(1 / f32(100_000 ** f32((2 * i) / 64)))))
    const scaled = putRotary({ dimensions: 256, theta: 1_000_000, factor: 8 }).frequencies
    scaled.forEach((x, i) => expect(x).toBe(f32(f32(1 / f32(1_000_000 ** f32((2 * i) / 256))) / 8)))
  })

  it("bends them by Llama 3's scaling", () => {
    const llama = { llama3Factor: 32, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContext: 8192 }
    const plain = putRotary({ dimensions: 64, theta: 500_000 }).frequencies.slice()
    const { frequencies } = putRotary({ dimensions: 64, theta: 500_000, ...llama })
    const kinds = new Set<string>()
    plain.forEach((x, i) => {
      const wave = (2 * Math.PI) / x
      const smooth = (8192 / wave - 1) / 3
      const kind = wave > 8192 ? 'long' : wave < 2048 ? 'short' : 'medium'
      kinds.add(kind)
      const truth = { long: x / 32, short: x, medium: ((1 - smooth) * x) / 32 + smooth * x }[kind]
      expect(Math.abs(frequencies[i]! / truth - 1)).toBeLessThan(5e-7)
    })
    expect(kinds.size).toBe(3)
  })

  it.each([0, 1])('turns pairs of elements (interleaved: %d), and only the plan’s dimensions', (interleaved) => {
    for (const dimensions of [2, 6, 10, 64]) {
      core.reset()
      const { plan, frequencies } = putRotary({ dimensions, interleaved })
      const half = dimensions / 2
      const angles = core.allocate(4 * 5 * dimensions)
      for (let thread = 0; thread < 3; thread++) core.call('rotaryAngles', plan, 4090, 5, angles, thread, 3)
      for (let token = 0; token < 5; token++) {
        const x = random(dimensions + 3, token)
        const at = core.put(x)
        core.call('rotate', at, plan, angles + 4 * dimensions * token)
        const y = core.floats(at, dimensions + 3)
        for (let i = 0; i < half; i++) {
          const angle = f32((4090 + token) * frequencies[i]!)
          const [c, s] = [f32(Math.cos(angle)), f32(Math.sin(angle))]
          const [a, b] = interleaved ? [2 * i, 2 * i + 1] : [i, i + half]
          expect(y[a]).toBe(f32(f32(x[a]! * c) - f32(x[b]! * s)))
          expect(y[b]).toBe(f32(f32(x[b]! * c) + f32(x[a]! * s)))
        }
        expect(y.slice(dimensions)).toEqual(x.slice(dimensions))
      }
    }
  })
})

describe('keys and values', () => {
  it.each(lengths)('%d elements become integers within half a step', (count) => {
    if (count < 2) return
    const x = random(count)
    const at = core.put([...x, 5])
    const scale = core.call('toIntegers', at, count, 127)
    const largest = x.reduce((max, v) => Math.max(max, Math.abs(v)), 0)
    expect(scale).toBe(f32(largest / 127))
    const kept = new Int16Array(core.memory.buffer, at, Math.ceil(count / 4) * 4)
    x.forEach((v, i) => expect(Math.abs(kept[i]! - v / scale)).toBeLessThanOrEqual(0.501))
    expect([...kept.subarray(count)].every((q) => q === 0)).toBe(true)
    expect(core.floats(at, count + 1)[count]).toBe(5)
  })

  it('zeros and tiny numbers become zeros, and what is no number shows in the scale', () => {
    const scale = (...x: number[]) => core.call('toIntegers', core.put(x), x.length, 127)
    expect(scale(0, -0, 0, 0, 0)).toBe(0)
    const tiny = core.put([1e-38, 0, 0, 0, 0])
    expect(core.call('toIntegers', tiny, 5, 127)).toBe(0)
    expect([...new Int16Array(core.memory.buffer, tiny, 5)]).toEqual([0, 0, 0, 0, 0])
    expect(scale(1, 2, NaN, 3, 4)).toBeNaN()
    expect(scale(1, 2, 3, 4, NaN)).toBeNaN()
    expect(scale(1, -Infinity, 3, 4, 5)).toBe(Infinity)
  })

  it('lie in their page and slot after norm and rotary, and queries turn alike', () => {
    const [layers, heads, headDim, position, count] = [3, 2, 12, 125, 6]
    const epsilon = 1e-6
    const { plan: rotary, frequencies } = putRotary({ dimensions: 8 })
    const [keyNorm, queryNorm] = [random(headDim, 5), random(headDim, 6)]
    const layer = put(layerStruct, { keyNorm: core.put(keyNorm), queryNorm: core.put(queryNorm), rotary })
    const model = put(modelStruct, { layerCount: layers, heads: 4, keyValueHeads: heads, headDim, epsilon, normOffset: 1 })
    const bytes = core.call('pageBytes', layers, heads, headDim)
    expect(bytes).toBe(new PageShape({ layers, keyValueHeads: heads, headDim }).bytes)
    const addresses = [1, 2, 3].map(() => core.allocate(bytes))
    const pages = core.allocate(12)
    core.integers(pages, 3).set(addresses)
    const angles = core.allocate(4 * 8 * count)
    core.call('rotaryAngles', rotary, position, count, angles, 0, 1)
    const [keys, values, queries] = [random(count * heads * headDim, 7), random(count * heads * headDim, 8), random(count * 4 * headDim, 9)]
    const queriesAt = core.put(queries)
    const [keysAt, valuesAt] = [core.put(keys), core.put(values)]
    for (let thread = 0; thread < 5; thread++) {
      core.call('prepareQueries', model, layer, queriesAt, angles, count, thread, 5)
      core.call('storeKeyValues', model, layer, 1, pages, keysAt, valuesAt, angles, position, count, thread, 5)
    }
    const prepared = (x: Float32Array, norm: Float32Array, token: number) => {
      const factor = 1 / Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / headDim + epsilon)
      const y = [...x].map((v, i) => v * factor * (norm[i]! + 1))
      return y.map((v, i) => {
        if (i >= 8) return v
        const angle = (position + token) * frequencies[i % 4]!
        return v * Math.cos(angle) + (i < 4 ? -y[i + 4]! : y[i - 4]!) * Math.sin(angle)
      })
    }
    const vector = (all: Float32Array, index: number) => all.subarray(index * headDim, (index + 1) * headDim)
    for (let token = 0; token < count; token++) {
      const slot = (position + token) % 64
      for (let head = 0; head < heads; head++) {
        const part = addresses[(position + token) >> 6]! + ((1 * heads + head) * bytes) / (layers * heads)
        const scale = (kind: number) => core.floats(part + 64 * 16 * 4 + 256 * kind, 64)[slot]!
        const bytesOf = new DataView(core.memory.buffer, part)
        // 12 dimensions lie as 16: keys int16 [8][8][8][2], values int16 [2][32][8][2].
        const storedKey = Array.from({ length: headDim }, (_, i) => bytesOf.getInt16((slot >> 3) * 256 + (i >> 1) * 32 + (slot & 7) * 4 + (i & 1) * 2, true) * scale(0))
        const key = prepared(vector(keys, token * heads + head), keyNorm, token)
        turnedBack(storedKey).forEach((x, i) => expect(Math.abs(x - key[i]!)).toBeLessThan(3e-4))
        const storedValue = Array.from({ length: headDim }, (_, i) => bytesOf.getInt16(2048 + (i >> 3) * 1024 + (slot >> 1) * 32 + (i & 7) * 4 + (slot & 1) * 2, true) * scale(1))
        const value = vector(values, token * heads + head)
        storedValue.forEach((x, i) => expect(Math.abs(x - value[i]!)).toBeLessThan(3e-4))
      }
      for (let head = 0; head < 4; head++) {
        const query = prepared(vector(queries, token * 4 + head), queryNorm, token)
        const at = queriesAt + (token * 4 + head) * headDim * 4
        const scale = core.floats(at + 2 * headDim, 1)[0]!
        const integers = [...new Int16Array(core.memory.buffer, at, headDim)]
        turnedBack(integers.map((q) => q * scale)).forEach((x, i) => expect(Math.abs(x - query[i]!)).toBeLessThan(2e-3))
      }
    }
    // Nothing but the slots of these tokens was written: 125 … 130, layer 1.
    const used = new Uint8Array(core.memory.buffer, addresses[0], bytes)
    expect(used.every((byte) => byte === 0)).toBe(true)
    const written = new Uint8Array(core.memory.buffer, addresses[2], bytes)
    expect(written.subarray(0, bytes / layers).every((byte) => byte === 0)).toBe(true)
    expect(written.subarray((2 * bytes) / layers).every((byte) => byte === 0)).toBe(true)
    expect(written.some((byte) => byte !== 0)).toBe(true)
  })
})

describe('embedding', () => {
  it.each([
    { bits: 4 },
    { bits: 4, zeroPoints: true },
    { bits: 4, block: 16, zeroPoints: true, scaleBits: 32 },
    { bits: 4, block: 128 },
    { bits: 8 },
    { bits: 8, block: 64, zeroPoints: true },
    { bits: 16 },
    { bits: 32 },
  ])('reads rows of %o', (shape) => {
    const matrix = randomMatrix({ rows: 7, columns: 150, ...shape })
    const table = put(matrixStruct, {
      rows: matrix.rows,
      columns: matrix.columns,
      bits: matrix.bits,
      block: matrix.block,
      scaleBits: matrix.scaleBits,
      weights: putBytes(matrix.weights),
      scales: putBytes(matrix.scales),
      zeroPoints: matrix.zeroPoints ? putBytes(matrix.zeroPoints) : 0,
    })
    const to = core.allocate(4 * 151)
    for (const row of [0, 3, 6]) {
      core.call('embed', table, row, to, 1.5)
      expect([...core.floats(to, 150)]).toEqual(embeddingRow(matrix, row).map((x) => f32(x * 1.5)))
      expect(core.floats(to, 151)[150]).toBe(0)
    }
  })
})

/** At an address that no word begins at, as in a file. */
function putBytes(bytes: Uint8Array): number {
  const address = core.allocate(bytes.length, 1)
  new Uint8Array(core.memory.buffer, address, bytes.length).set(bytes)
  return address
}

function embeddingRow({ columns, bits, block, scaleBits, weights, scales, zeroPoints }: TestMatrix, row: number): number[] {
  const float = (bytes: Uint8Array, index: number, size: number) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    return size === 16 ? fromHalf(view.getUint16(2 * index, true)) : view.getFloat32(4 * index, true)
  }
  const blocks = Math.ceil(columns / block)
  const nibble = (bytes: Uint8Array, start: number, index: number) => (bytes[start + (index >> 1)]! >> (4 * (index % 2))) & 15
  return Array.from({ length: columns }, (_, i) => {
    if (bits >= 16) return float(weights, row * columns + i, bits)
    const at = Math.floor(i / block)
    const weight = bits === 8 ? weights[row * blocks * block + i]! : nibble(weights, (row * blocks * block) / 2, i)
    const zero = !zeroPoints ? 2 ** (bits - 1) : bits === 8 ? zeroPoints[row * blocks + at]! : nibble(zeroPoints, row * Math.ceil(blocks / 2), at)
    return f32((weight - zero) * float(scales, row * blocks + at, scaleBits))
  })
}
