import { expect, it } from 'vitest'
import { halfToFloat } from './float16.js'

it('converts zeros, normals, subnormals, infinities and NaN', () => {
  const bits = Uint16Array.of(0x0000, 0x3c00, 0xc000, 0x3555, 0x7bff, 0x0001, 0x83ff, 0x7c00, 0xfc00, 0x7e00)
  const numbers = new Float32Array(bits.length)
  halfToFloat(bits, numbers)
  expect([...numbers]).toEqual([
    0,
    1,
    -2,
    Math.fround(0x555 / 4096),
    65504,
    2 ** -24,
    -1023 * 2 ** -24,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    Number.NaN,
  ])
})
