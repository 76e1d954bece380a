import { describe, expect, it } from 'vitest'
import { checkNumerics, type CheckedBackend, type NumericsCheck } from './checkNumerics.js'
import { parseReference } from './parseReference.js'

const vocab = 32

/** Logits that depend on all tokens fed so far. */
function logitsAfter(fed: readonly number[]): Float32Array {
  return Float32Array.from({ length: vocab }, (_, id) => fed.reduce((sum, token, i) => sum + Math.sin(token * (i + 1) + id * 1.7), 0))
}

/** A decoder that gives what `twist` makes of the right logits. */
class Calculator implements CheckedBackend {
  readonly isBatchInvariant: boolean
  readonly runs: number[][] = []
  readonly #twist: (logits: Float32Array, run: readonly number[]) => Float32Array
  readonly #canCut: boolean
  #fed: number[] = []

  constructor(twist: (logits: Float32Array, run: readonly number[]) => Float32Array = (logits) => logits, { canCut = true, isBatchInvariant = false } = {}) {
    this.#twist = twist
    this.#canCut = canCut
    this.isBatchInvariant = isBatchInvariant
  }

  get length(): number {
    return this.#fed.length
  }

  feed(tokens: readonly number[]): Promise<Float32Array> {
    this.runs.push([...tokens])
    this.#fed.push(...tokens)
    return Promise.resolve(this.#twist(logitsAfter(this.#fed), tokens))
  }

  truncate(length: number): Promise<void> {
    this.#fed = this.#canCut ? this.#fed.slice(0, length) : []
    return Promise.resolve()
  }
}

const ids = [3, 14, 15, 9, 26, 5, 30, 8, 9, 7, 9, 3, 2, 3, 8, 4]

function check(backend: CheckedBackend, more: Partial<NumericsCheck> = {}) {
  return checkNumerics({ backend, device: 'webgpu', dtype: 'q4', reference: undefined, tokens: () => ids, ...more })
}

function referenceAt(positions: number[], change: (logit: number) => number = (logit) => logit) {
  const sum = (logits: Float32Array) => Math.log(logits.reduce((total, logit) => total + Math.exp(logit), 0))
  const places = positions.map((position) => {
    const logits = logitsAfter(ids.slice(0, position + 1)).map(change)
    const best = [...logits.keys()].sort((a, b) => logits[b]! - logits[a]!).slice(0, 8)
    return { position, logSumExp: sum(logits), ids: best, logits: best.map((id) => logits[id]!) }
  })
  return parseReference({ formatVersion: 1, probe: { ids }, positions: places, expected: { q4: { limitKl: 0.1 }, q8: { limitKl: 5 } } }, vocab)
}

describe('numbers that are right', () => {
  it('pass on a GPU: eight tokens at once, then the last of them alone', async () => {
    const backend = new Calculator()
    const report = await check(backend)
    expect(report).toMatchObject({ method: 'sanity', tokens: 9, inconsistency: 0 })
    expect(report.problem).toBeUndefined()
    expect(backend.runs).toEqual([ids.slice(0, 8), ids.slice(7, 8)])
    expect(backend.length).toBe(0)
  })

  it('pass on CPUs with fewer tokens', async () => {
    const backend = new Calculator()
    expect((await check(backend, { device: 'cpu' })).problem).toBeUndefined()
    expect(backend.runs).toEqual([ids.slice(0, 4), ids.slice(3, 4)])
  })

  it('pass where the cache can only be emptied', async () => {
    const backend = new Calculator(undefined, { canCut: false })
    expect(await check(backend)).toMatchObject({ inconsistency: 0 })
    expect(backend.runs.map((run) => run.length)).toEqual([8, 7, 1])
  })

  it('are compared with a reference at each of its positions', async () => {
    const backend = new Calculator()
    const report = await check(backend, { reference: referenceAt([3, 10, 15]) })
    expect(report).toMatchObject({ method: 'reference', tokens: 17, limit: 0.1 })
    expect(report.divergence).toBeLessThan(1e-6)
    expect(report.problem).toBeUndefined()
    expect(backend.runs.map((run) => run.length)).toEqual([4, 7, 5, 1])
    expect(backend.length).toBe(0)
  })

  it('are compared on CPUs at the first positions only', async () => {
    const backend = new Calculator()
    expect(await check(backend, { device: 'wasm', reference: referenceAt([3, 10, 15]) })).toMatchObject({ method: 'reference', tokens: 5 })
    expect(backend.runs.map((run) => run.length)).toEqual([4, 1])
    expect(await check(backend, { device: 'wasm', reference: referenceAt([15]) })).toMatchObject({ method: 'sanity', tokens: 5 })
  })

  it('may be as far from the reference as their precision is known for', async () => {
    const reference = referenceAt([3, 10], (logit) => 0.3 * logit)
    const { problem, divergence } = await check(new Calculator(), { reference })
    expect(problem).toBe('diverged')
    expect(divergence).toBeGreaterThan(0.1)
    expect(divergence).toBeLessThan(5)
    expect((await check(new Calculator(), { reference, dtype: 'q8' })).problem).toBeUndefined()
    expect(await check(new Calculator(), { reference, dtype: 'fp16' })).toMatchObject({ limit: 5, method: 'reference' })
  })
})

describe('numbers that are wrong', () => {
  it.each([
    ['NaN', 'not-finite', (logits: Float32Array) => logits.fill(Number.NaN, 5, 6)],
    ['infinite', 'not-finite', (logits: Float32Array) => logits.fill(Number.NEGATIVE_INFINITY, 5, 6)],
    ['all the same', 'constant', (logits: Float32Array) => logits.fill(4)],
    ['all zero but for noise', 'constant', (logits: Float32Array) => logits.map((logit) => 1e-3 * logit)],
    ['as large as halves can be', 'too-large', (logits: Float32Array) => logits.fill(65504, 5, 6)],
  ] as const)('are found where they are %s', async (_, problem, twist) => {
    const backend = new Calculator(twist)
    expect(await check(backend)).toMatchObject({ problem, tokens: 8 })
    expect(backend.length).toBe(0)
  })

  it('are found where only single tokens give them', async () => {
    expect(await check(new Calculator((logits, run) => (run.length === 1 ? logits.fill(Number.NaN) : logits)))).toMatchObject({ problem: 'not-finite', tokens: 9 })
    const report = await check(new Calculator((logits, run) => (run.length === 1 ? logits.map((logit) => -3 * logit) : logits)))
    expect(report.problem).toBe('inconsistent')
    expect(report.inconsistency).toBeGreaterThan(2)
  })

  it('are found by any difference where there must be none', async () => {
    const twist = (logits: Float32Array, run: readonly number[]) => (run.length === 1 ? logits.map((logit) => 1.01 * logit) : logits)
    expect((await check(new Calculator(twist))).problem).toBeUndefined()
    expect((await check(new Calculator(twist, { isBatchInvariant: true }))).problem).toBe('inconsistent')
  })

  it('are found by a reference where they look like numbers', async () => {
    const shuffled = new Calculator((logits) => logits.toReversed())
    expect((await check(shuffled)).problem).toBeUndefined()
    const report = await check(shuffled, { reference: referenceAt([3, 15]) })
    expect(report.problem).toBe('diverged')
    expect(report.divergence).toBeGreaterThan(0.3)
  })
})

describe('numerics.json', () => {
  const sound = { formatVersion: 1, probe: { ids }, positions: [{ position: 3, logSumExp: 1, ids: [1], logits: [0.5] }], expected: { q4: { limitKl: 1 } } }

  it.each([
    ['of a later version', { formatVersion: 2 }],
    ['without tokens', { probe: {} }],
    ['with tokens of another vocabulary', { probe: { ids: [1, 99] } }],
    ['with no end of tokens', { probe: { ids: new Array<number>(65).fill(1) } }],
    ['without limits', { expected: {} }],
    ['with a limit that is none', { expected: { q4: { limitKl: 'much' } } }],
    ['without positions', { positions: [] }],
    ['with a position outside', { positions: [{ ...sound.positions[0], position: 16 }] }],
    ['with a logit too few', { positions: [{ ...sound.positions[0], ids: [1, 2] }] }],
    ['with a position that is none', { positions: [null] }],
  ])('%s is refused', (_, change) => {
    expect(() => parseReference(sound, vocab)).not.toThrow()
    expect(() => parseReference({ ...sound, ...change }, vocab)).toThrow(expect.objectContaining({ code: 'model-corrupt', subject: 'numerics.json' }) as Error)
  })
})
