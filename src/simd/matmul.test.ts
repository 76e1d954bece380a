import { beforeAll, describe, expect, it } from 'vitest'
import { Operators } from '../../test/helpers/simd/compileOperators.js'
import { fromHalf, randomMatrix, randomNumbers, referenceRow, type MatrixShape, type TestMatrix } from './testing/referenceMatmul.js'

const entry = `
export { halfToFloat, halvesToFloats } from './half'
export { matmul, matmulScratchBytes } from './matmul'
export { quantizeRows, quantizedRowBytes, quantizedRows } from './quantizeRows'
`
/** Copies bytes to an address that is no multiple of anything. */
function place(core: Operators, bytes: Uint8Array | undefined): number {
  if (!bytes) return 0
  const address = core.allocate(bytes.length, 3)
  new Uint8Array(core.memory.buffer, address, bytes.length).set(bytes)
  return address
}

function placeMatrix(core: Operators, matrix: TestMatrix): number {
  const bias = matrix.bias && new Uint8Array(matrix.bias.buffer)
  const words = [
    matrix.rows, matrix.columns, matrix.bits, matrix.block, place(core, matrix.weights), place(core, matrix.scales),
    matrix.scaleBits, place(core, matrix.zeroPoints), place(core, bias),
  ]
  const address = core.allocate(4 * words.length)
  core.integers(address, words.length).set(words)
  return address
}

interface Product {
  matrix: TestMatrix
  tokens: Float32Array[]
  /** Rows `[from, to)` of each call. */
  splits?: [number, number][]
}

/** Products by the core: `[token][row]`. Nothing beside them may be written, which it checks. */
function multiply(core: Operators, { matrix, tokens, splits = [[0, matrix.rows]] }: Product): Float32Array[] {
  core.reset()
  const address = placeMatrix(core, matrix)
  const floats = new Float32Array(tokens.length * matrix.columns)
  tokens.forEach((token, i) => floats.set(token, i * matrix.columns))
  const from = core.put(floats)
  let x = from
  if (matrix.bits <= 8) {
    x = core.allocate(core.call('quantizedRowBytes', address) * core.call('quantizedRows', tokens.length))
    // As two threads would, which need not share at the borders of groups.
    const half = tokens.length >> 1
    core.call('quantizeRows', address, from, matrix.columns, x, half, tokens.length, tokens.length)
    core.call('quantizeRows', address, from, matrix.columns, x, 0, half, tokens.length)
  }
  const stride = matrix.rows + 3
  const out = core.allocate(4 * stride * tokens.length)
  core.floats(out, stride * tokens.length).fill(Number.NaN)
  const scratchBytes = core.call('matmulScratchBytes', address)
  const scratch = core.allocate(scratchBytes)
  const guard = core.allocate(16)
  for (const [first, end] of splits) core.call('matmul', address, x, tokens.length, out, stride, first, end, scratch)
  expect(core.integers(guard, 4)).toEqual(new Int32Array(4))
  return tokens.map((_, i) => {
    const row = core.floats(out + 4 * stride * i, stride)
    expect(row.slice(matrix.rows)).toEqual(new Float32Array(3).fill(Number.NaN))
    return row.slice(0, matrix.rows)
  })
}

function randomTokens(count: number, columns: number): Float32Array[] {
  const random = randomNumbers(count + columns)
  return Array.from({ length: count }, () => Float32Array.from({ length: columns }, () => (random() - 0.5) * 10 ** (4 * random() - 2)))
}

const bits = (values: Float32Array) => [...new Uint32Array(values.buffer, values.byteOffset, values.length)]
const reference = (matrix: TestMatrix, x: Float32Array) => Float32Array.from({ length: matrix.rows }, (_, row) => referenceRow(matrix, x, row))

const shapes: MatrixShape[] = [4, 8].flatMap((bits) =>
  [16, 32, 64, 128].flatMap((block) =>
    [16, 32].flatMap((scaleBits) =>
      [false, true].flatMap((zeroPoints) => [
        { rows: 13, columns: 256, bits, block, scaleBits, zeroPoints, bias: zeroPoints },
        { rows: 6, columns: 299, bits, block, scaleBits, zeroPoints, bias: !zeroPoints },
      ]),
    ),
  ),
)
const floatShapes: MatrixShape[] = [16, 32].flatMap((bits) => [
  { rows: 5, columns: 64, bits, bias: true },
  { rows: 3, columns: 67, bits },
])
const describeShape = (shape: MatrixShape) => JSON.stringify(shape)

describe('products', () => {
  let core: Operators
  beforeAll(async () => {
    core = await Operators.compile(entry)
  }, 60_000)

  it.each([...shapes, ...floatShapes].map((shape) => [describeShape(shape), shape] as const))('equal the written arithmetic to the bit: %s', (_, shape) => {
    const matrix = randomMatrix(shape)
    for (const count of [1, 2, 4, 5, 8, 11]) {
      const tokens = randomTokens(count, matrix.columns)
      multiply(core, { matrix, tokens }).forEach((row, i) => expect(bits(row)).toEqual(bits(reference(matrix, tokens[i]!))))
    }
  })

  it('do not depend on how rows are split', () => {
    for (const shape of [...shapes, ...floatShapes]) {
      const matrix = randomMatrix({ ...shape, rows: 21 })
      for (const count of [1, 3]) {
        const tokens = randomTokens(count, matrix.columns)
        const whole = multiply(core, { matrix, tokens })
        const split = multiply(core, { matrix, tokens, splits: [[20, 21], [0, 7], [7, 8], [8, 8], [8, 20]] })
        expect(split.map(bits)).toEqual(whole.map(bits))
      }
    }
  })

  it('hold where integer sums are largest', () => {
    for (const bits of [4, 8]) {
      const matrix = { ...randomMatrix({ rows: 8, columns: 128, bits, zeroPoints: true }) }
      matrix.weights.fill(255)
      matrix.zeroPoints!.fill(0)
      for (const sign of [1, -1]) {
        for (const count of [1, 3]) {
          const tokens = Array.from({ length: count }, () => new Float32Array(128).fill(sign * 3.5))
          multiply(core, { matrix, tokens }).forEach((row, i) => expect([...row]).toEqual([...reference(matrix, tokens[i]!)]))
        }
      }
    }
  })

  it('take blocks of zeros, of the smallest floats, and NaN', () => {
    for (const bits of [4, 8]) {
      const matrix = randomMatrix({ rows: 4, columns: 64, bits })
      const zeros = new Float32Array(64)
      const tiny = new Float32Array(64).fill(1e-41)
      const broken = new Float32Array(64)
      broken[40] = Number.NaN
      for (const tokens of [[zeros], [tiny], [zeros, tiny, zeros]]) {
        for (const row of multiply(core, { matrix, tokens })) expect([...row]).toEqual([0, 0, 0, 0])
      }
      for (const row of multiply(core, { matrix, tokens: [broken, broken, broken] })) expect([...row]).toEqual(new Array(4).fill(Number.NaN))
    }
  })
})

describe('halves', () => {
  it('become floats, all finite ones exactly, alone and four at a time', async () => {
    const core = await Operators.compile(entry)
    const halves = Uint16Array.from({ length: 65536 }, (_, i) => i)
    const from = core.allocate(2 * halves.length, 1)
    new Uint8Array(core.memory.buffer, from, 2 * halves.length).set(new Uint8Array(halves.buffer))
    const to = core.allocate(4 * halves.length)
    core.call('halvesToFloats', from, to, halves.length)
    const vector = core.floats(to, halves.length)
    const wrong = [...halves].filter((half) => {
      const finite = (half & 0x7c00) !== 0x7c00
      const alone = core.call('halfToFloat', half)
      return !Object.is(alone, vector[half]) || (finite && !Object.is(alone, fromHalf(half)))
    })
    expect(wrong).toEqual([])
  })
})
