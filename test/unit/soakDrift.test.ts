import { describe, expect, it } from 'vitest'
import { bounds, driftsOf, driftTable } from '../../bench/soak/drift.mjs'

const samples = (figure: string, value: (cycle: number) => number | undefined) => Array.from({ length: 30 }, (_, i) => ({ cycle: i * 10, [figure]: value(i * 10) }))
const noise = (cycle: number) => ((cycle * 7919) % 13) * 1000

describe('growth over many cycles', () => {
  it('is told by cycle, with what it may be', () => {
    const [drift] = driftsOf(samples('pageHeap', (cycle) => 5e6 + 3000 * cycle))
    expect(drift).toMatchObject({ figure: 'pageHeap', slope: 3000, most: bounds.pageHeap, isFlat: false })
    expect(drift!.last - drift!.first).toBeGreaterThan(3e5)
    expect(driftTable([drift!])).toContain('| 3.00 kB | 2.00 kB | NO |')
  })

  it('does not count what happens while all is warming up', () => {
    expect(driftsOf(samples('pageHeap', (cycle) => Math.min(cycle, 80) * 1e5))[0]).toMatchObject({ slope: 0, isFlat: true })
  })

  it('does not come from noise, nor from single outliers', () => {
    expect(driftsOf(samples('processBytes', (cycle) => 2e8 + noise(cycle) * 100))[0]!.isFlat).toBe(true)
    expect(driftsOf(samples('storedBytes', (cycle) => (cycle === 290 ? 9e7 : 6e6)))[0]).toMatchObject({ slope: 0, isFlat: true })
  })

  it('is found in a small leak under noise', () => {
    expect(driftsOf(samples('workerHeap', (cycle) => 3e7 + noise(cycle) + 5000 * cycle))[0]!.isFlat).toBe(false)
  })

  it('is not told of what was not measured', () => {
    expect(driftsOf(samples('wasmBytes', () => undefined))).toEqual([])
  })
})
