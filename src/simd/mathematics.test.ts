import { beforeAll, describe, expect, it } from 'vitest'
import { Operators } from '../../test/helpers/simd/compileOperators.js'

const entry = `
import { exp4, expNotPositive } from './mathematics/vectorExp'
import { exp2NotPositive } from './mathematics/vectorExp2'
import { tanh4 } from './mathematics/vectorTanh'
export { exp } from './mathematics/exp'
export { log } from './mathematics/log'
export { pow } from './mathematics/pow'
export { sin, cos } from './mathematics/sinCos'
export function exps(x: usize, y: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) v128.store(y + (i << 2), exp4(v128.load(x + (i << 2))))
}
export function expsNotPositive(x: usize, y: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) v128.store(y + (i << 2), expNotPositive(v128.load(x + (i << 2))))
}
export function powersOfTwo(x: usize, y: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) v128.store(y + (i << 2), exp2NotPositive(v128.load(x + (i << 2))))
}
export function tanhs(x: usize, y: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) v128.store(y + (i << 2), tanh4(v128.load(x + (i << 2))))
}
`
let core: Operators
beforeAll(async () => {
  core = await Operators.compile(entry)
}, 60_000)

/** The function's result for each float. */
function apply(name: string, x: Float32Array): Float32Array {
  core.reset()
  const from = core.put(x)
  const to = core.allocate(4 * x.length)
  core.call(name, from, to, x.length)
  return core.floats(to, x.length)
}

/** Distance in units of the last place of the true value, as float32. */
function ulps(value: number, truth: number): number {
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(truth))), -126)
  return Math.abs(value - truth) / 2 ** (exponent - 23)
}

function worst(name: string, from: number, to: number, truth: (x: number) => number): number {
  const x = new Float32Array(400_000).map((_, i) => from + ((to - from) * (i + 0.37)) / 400_000)
  return apply(name, x).reduce((max, y, i) => Math.max(max, ulps(y, truth(x[i]!))), 0)
}

describe('exp of four floats', () => {
  it.each([
    ['exps', -87.3, 88.7],
    ['exps', -1, 1],
    ['exps', -1e-6, 1e-6],
    ['expsNotPositive', -87.3, 0],
    ['expsNotPositive', -1, 0],
  ])('%s is within 2 ulp from %d to %d', (name, from, to) => {
    expect(worst(name, from, to, Math.exp)).toBeLessThanOrEqual(2)
  })

  it('knows the ends', () => {
    const x = Float32Array.of(0, -0, -88, -Infinity, NaN, -1e30, -87.33, -3e-39)
    for (const name of ['exps', 'expsNotPositive']) {
      const y = apply(name, x)
      expect([...y.subarray(0, 6)]).toEqual([1, 1, 0, 0, NaN, 0])
      expect(y[6]).toBeGreaterThan(1.17e-38)
      expect(y[7]).toBe(1)
    }
    expect([...apply('exps', Float32Array.of(89, Infinity, 88.72284, 1e30))]).toEqual([Infinity, Infinity, Infinity, Infinity])
    expect(apply('exps', Float32Array.of(88.72283, 0, 0, 0))[0]).toBeGreaterThan(3.4e38)
  })
})

describe('2^x of four floats, not positive', () => {
  it('is within 3e-6', () => {
    const x = new Float32Array(400_000).map((_, i) => -126 + (126 * (i + 0.37)) / 400_000)
    const error = apply('powersOfTwo', x).reduce((max, y, i) => Math.max(max, Math.abs(y / 2 ** x[i]! - 1)), 0)
    expect(error).toBeLessThan(3e-6)
  })

  it('knows the ends', () => {
    const y = apply('powersOfTwo', Float32Array.of(0, -0, -1, -126, -127, -Infinity, NaN, -1e30))
    expect([...y]).toEqual([1, 1, 0.5, 2 ** -126, 2 ** -126, 2 ** -126, NaN, 2 ** -126])
  })
})

describe('tanh of four floats', () => {
  it.each([
    [-0.7, 0.7],
    [-12, 12],
    [-1e-5, 1e-5],
    [-1e-38, 1e-38],
  ])('is within 2 ulp from %d to %d', (from, to) => {
    expect(worst('tanhs', from, to, Math.tanh)).toBeLessThanOrEqual(2)
  })

  it('knows the ends', () => {
    expect([...apply('tanhs', Float32Array.of(0, 50, -50, Infinity, -Infinity, NaN, -50, 1e30))]).toEqual([0, 1, -1, 1, -1, NaN, -1, 1])
  })
})

describe('mathematics in double precision', () => {
  const relative = (value: number, truth: number) => Math.abs(value / truth - 1)

  it('exp and log are within 2 and 1 ulp', () => {
    let [exp, log] = [0, 0]
    for (let i = 0; i < 100_000; i++) {
      const x = -700 + (1400 * (i + 0.37)) / 100_000
      exp = Math.max(exp, relative(core.call('exp', x), Math.exp(x)))
      const y = Math.exp(x / 10)
      log = Math.max(log, Math.abs(core.call('log', y) - Math.log(y)) / Math.max(Math.abs(Math.log(y)), 1e-3))
    }
    expect(exp).toBeLessThan(4.5e-16)
    expect(log).toBeLessThan(2.3e-16)
    expect(core.call('exp', 0)).toBe(1)
    expect(core.call('exp', -1e9)).toBe(0)
    expect(core.call('exp', 1e9)).toBe(Infinity)
    expect(core.call('exp', NaN)).toBeNaN()
    expect(core.call('log', 1)).toBe(0)
    expect(core.call('log', 0)).toBe(-Infinity)
    expect(core.call('log', -1)).toBeNaN()
    expect(core.call('log', Infinity)).toBe(Infinity)
  })

  it('pow of rotary bases is within 1e-14', () => {
    let worst = 0
    for (const base of [10_000, 100_000, 500_000, 1_000_000, 10_000_000]) {
      for (let i = 0; i < 2048; i++) {
        worst = Math.max(worst, relative(core.call('pow', base, i / 2048), Math.pow(base, i / 2048)))
      }
    }
    expect(worst).toBeLessThan(1e-14)
  })

  it('sin and cos of large angles agree with 200 bits of π', () => {
    for (let i = 0; i < 3000; i++) {
      const x = Math.fround((i % 2 ? 1 : -1) * 131_072 ** ((i + 1) / 3000)) // 1 and more: exact as a multiple of 2^-52
      const [sine, cosine] = exactSinCos(x)
      expect(Math.abs(core.call('sin', x) - sine)).toBeLessThan(2.3e-16)
      expect(Math.abs(core.call('cos', x) - cosine)).toBeLessThan(2.3e-16)
    }
    // Floats that lie next to a multiple of π/2 lose all leading digits in the reduction.
    for (const k of [1, 2, 355, 710, 52_174, 60_000, 80_143]) {
      const x = Math.fround((k * Math.PI) / 2)
      const [sine, cosine] = exactSinCos(x)
      expect(relative(core.call('sin', x), sine)).toBeLessThan(4e-16)
      expect(relative(core.call('cos', x), cosine)).toBeLessThan(4e-16)
    }
    expect(core.call('sin', 0)).toBe(0)
    expect(core.call('cos', 0)).toBe(1)
  })

  it('sin and cos are right on a dense range', () => {
    let worst = 0
    for (let x = -20; x < 20; x += 0.00037) {
      worst = Math.max(worst, Math.abs(core.call('sin', x) - Math.sin(x)), Math.abs(core.call('cos', x) - Math.cos(x)))
    }
    expect(worst).toBeLessThan(2.3e-16)
  })
})

/** Fractional bits of the fixed-point numbers below. */
const BITS = 200n
const ONE = 1n << BITS
/** π, Machin's formula: 16 arctan(1/5) − 4 arctan(1/239). */
const PI = 16n * arctanOfInverse(5n) - 4n * arctanOfInverse(239n)

function arctanOfInverse(x: bigint): bigint {
  let power = ONE / x
  let sum = 0n
  for (let n = 1n, sign = 1n; power !== 0n; n += 2n, sign = -sign) {
    sum += (sign * power) / n
    power /= x * x
  }
  return sum
}

/** Sine and cosine by Taylor's series in fixed point. */
function exactSinCos(x: number): [number, number] {
  const fixed = (BigInt(Math.round(x * 2 ** 52)) << (BITS - 52n)) % (2n * PI)
  let [sine, cosine, term] = [0n, 0n, ONE]
  for (let n = 0n; term !== 0n; n++) {
    const sign = n & 2n ? -1n : 1n
    if (n & 1n) sine += sign * term
    else cosine += sign * term
    term = (term * fixed) / ((n + 1n) << BITS)
  }
  return [toNumber(sine), toNumber(cosine)]
}

function toNumber(fixed: bigint): number {
  return Number(fixed >> (BITS - 160n)) / 2 ** 160
}
