/** A weight matrix as bytes of a file, and what it takes to read it in JavaScript. */
export interface TestMatrix {
  readonly rows: number
  readonly columns: number
  readonly bits: number
  readonly block: number
  readonly scaleBits: number
  readonly weights: Uint8Array
  readonly scales: Uint8Array
  readonly zeroPoints: Uint8Array | undefined
  readonly bias: Float32Array | undefined
}

/** Numbers in [0, 1), the same ones every time. */
export function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

export interface MatrixShape {
  rows: number
  columns: number
  bits: number
  block?: number
  scaleBits?: number
  zeroPoints?: boolean
  bias?: boolean
}

/** Random bytes for weights (padding as well) and zero points; scales are halves or floats of either sign. */
export function randomMatrix({ rows, columns, bits, block = 32, scaleBits = 16, zeroPoints = false, bias = false }: MatrixShape): TestMatrix {
  const random = randomNumbers(rows * 31 + columns * 7 + bits + block)
  const bytes = (length: number) => Uint8Array.from({ length }, () => random() * 256)
  const blocks = Math.ceil(columns / block)
  const scales = Float32Array.from({ length: rows * blocks }, () => (random() - 0.3) / 50)
  const floats = bits >= 16 ? Float32Array.from({ length: rows * columns }, () => random() - 0.5) : undefined
  return {
    rows,
    columns,
    bits,
    block,
    scaleBits,
    weights: floats ? asFloats(floats, bits) : bytes((rows * blocks * block * bits) / 8),
    scales: asFloats(scales, scaleBits),
    zeroPoints: zeroPoints ? bytes(rows * Math.ceil((blocks * bits) / 8)) : undefined,
    bias: bias ? Float32Array.from({ length: rows }, () => random() - 0.5) : undefined,
  }
}

function asFloats(values: Float32Array, bits: number): Uint8Array {
  if (bits === 32) return new Uint8Array(values.buffer)
  return new Uint8Array(Uint16Array.from(values, toHalf).buffer)
}

/** Rounds towards zero; for test data only. */
function toHalf(value: number): number {
  const magnitude = Math.abs(value)
  const sign = value < 0 ? 0x8000 : 0
  if (magnitude < 2 ** -14) return sign | Math.floor(magnitude * 2 ** 24)
  const exponent = Math.floor(Math.log2(magnitude))
  return sign | ((exponent + 15) << 10) | Math.floor((magnitude / 2 ** exponent - 1) * 1024)
}

/** IEEE 754 half precision; NaN and infinities are not asked for. */
export function fromHalf(half: number): number {
  const fraction = half & 0x3ff
  const exponent = (half >> 10) & 0x1f
  const magnitude = exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15)
  return half & 0x8000 ? -magnitude : magnitude
}

function readFloat(bytes: Uint8Array, index: number, bits: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  return bits === 16 ? fromHalf(view.getUint16(2 * index, true)) : view.getFloat32(4 * index, true)
}

function roundToEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1
  return floor % 2 === 0 ? floor : floor + 1
}

const f32 = Math.fround

/** One row by the contract's rules of arithmetic, step by step. */
export function referenceRow(matrix: TestMatrix, x: Float32Array, row: number): number {
  const sum = matrix.bits >= 16 ? floatSum(matrix, x, row) : quantizedSum(matrix, x, row)
  return matrix.bias ? f32(sum + matrix.bias[row]!) : sum
}

function floatSum({ columns, weights, bits }: TestMatrix, x: Float32Array, row: number): number {
  const lanes = [0, 0, 0, 0]
  for (let i = 0; i < columns; i++) {
    lanes[i % 4] = f32(lanes[i % 4]! + f32(readFloat(weights, row * columns + i, bits) * x[i]!))
  }
  return f32(f32(lanes[0]! + lanes[2]!) + f32(lanes[1]! + lanes[3]!))
}

function quantizedSum(matrix: TestMatrix, x: Float32Array, row: number): number {
  const { columns, block, scaleBits } = matrix
  const blocks = Math.ceil(columns / block)
  const step = Math.min(32, block)
  let sum = 0
  for (let start = 0; start < columns; start += step) {
    const index = Math.floor(start / block)
    const part = x.subarray(start, Math.min(start + step, columns))
    const peak = part.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0)
    const factor = peak === 0 ? 0 : f32(2047 / peak)
    const zero = zeroPoint(matrix, row, index, blocks)
    let integers = 0
    part.forEach((value, i) => {
      integers += roundToEven(f32(value * factor)) * (weight(matrix, row * blocks * block + start + i) - zero)
    })
    const scale = f32(readFloat(matrix.scales, row * blocks + index, scaleBits) * f32(peak / 2047))
    sum = f32(sum + f32(f32(integers) * scale))
  }
  return sum
}

function weight({ weights, bits }: TestMatrix, index: number): number {
  return bits === 8 ? weights[index]! : nibble(weights, index)
}

function zeroPoint({ zeroPoints, bits }: TestMatrix, row: number, index: number, blocks: number): number {
  if (!zeroPoints) return 2 ** (bits - 1)
  return bits === 8 ? zeroPoints[row * blocks + index]! : nibble(zeroPoints, row * 2 * Math.ceil(blocks / 2) + index)
}

function nibble(bytes: Uint8Array, index: number): number {
  return (bytes[index >> 1]! >> (4 * (index & 1))) & 15
}
