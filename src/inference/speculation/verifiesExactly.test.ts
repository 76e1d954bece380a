import { expect, it } from 'vitest'
import { verifiesExactly } from './verifiesExactly.js'

it('is true for backends that give the same bits, and for what was measured', () => {
  expect(verifiesExactly(true, 'wasm', 'q8')).toBe(true)
  expect(verifiesExactly(false, 'cpu', 'fp32')).toBe(true)
  expect(verifiesExactly(false, 'wasm', 'q8')).toBe(false)
  expect(verifiesExactly(false, 'wasm', undefined)).toBe(false)
  expect(verifiesExactly(false, 'webgpu', 'q4')).toBe(false)
})
