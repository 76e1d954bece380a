import { describe, expect, it } from 'vitest'
import { CoreMemory } from './CoreMemory.js'

const MiB = 2 ** 20
const outOfMemory = expect.objectContaining({ code: 'out-of-memory' }) as Error

describe('CoreMemory', () => {
  it('gives aligned room that does not overlap, and grows for it', () => {
    const memory = new CoreMemory()
    const places = [1, 100, 3 * MiB, 7, 5 * MiB].map((bytes, i) => ({ at: memory.allocate(bytes, 4 << i), bytes }))
    places.forEach(({ at }, i) => expect(at % (4 << i)).toBe(0))
    for (let i = 1; i < places.length; i++) expect(places[i]!.at).toBeGreaterThanOrEqual(places[i - 1]!.at + places[i - 1]!.bytes)
    expect(places[0]!.at).toBeGreaterThanOrEqual(65536)
    expect(memory.byteLength).toBeGreaterThanOrEqual(8 * MiB)
    expect(memory.byteLength).toBeLessThan(11 * MiB)
    memory.floats(places[1]!.at, 25).fill(1)
    memory.bytes().fill(255, places[4]!.at, places[4]!.at + 5 * MiB)
    expect(memory.floats(places[1]!.at, 25).every((x) => x === 1)).toBe(true)
  })

  it.each([true, false])('tells that it cannot grow, and can be used on (shared: %s)', (shared) => {
    const memory = new CoreMemory({ shared, maximumBytes: 4 * MiB })
    expect(() => memory.allocate(5 * MiB)).toThrow(outOfMemory)
    const address = memory.allocate(3 * MiB)
    memory.bytes()[address + 3 * MiB - 1] = 1
    expect(memory.byteLength).toBeLessThanOrEqual(4 * MiB)
    expect(() => memory.allocate(MiB)).toThrow(outOfMemory)
  })

  it('tells that there is too little from the start', () => {
    expect(() => new CoreMemory({ initialBytes: 5 * MiB, maximumBytes: 4 * MiB })).toThrow(outOfMemory)
  })
})
