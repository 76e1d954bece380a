import { describe, expect, it } from 'vitest'
import { CoreMemory } from './CoreMemory.js'
import { KVPages } from './KVPages.js'
import { PAGE_TOKENS as P } from './PageShape.js'
import type { Sequence } from './Sequence.js'

const PAGE_BYTES = 4096

function setUp(maximumBytes?: number) {
  const memory = new CoreMemory({ initialBytes: 1, maximumBytes })
  const pages = new KVPages(memory, PAGE_BYTES)
  const append = (sequence: Sequence, count: number, mark: number) => {
    sequence.reserve(count)
    for (let t = sequence.length; t < sequence.length + count; t++) memory.bytes()[sequence.pages[Math.floor(t / P)]! + (t % P)] = mark
    sequence.advance(count)
  }
  const read = (sequence: Sequence) =>
    Array.from({ length: sequence.length }, (_, t) => memory.bytes()[sequence.pages[Math.floor(t / P)]! + (t % P)])
  return { memory, pages, append, read }
}

const marks = (...runs: [number, number][]) => runs.flatMap(([count, mark]) => new Array<number>(count).fill(mark))

describe('sequences', () => {
  it('share pages until one of them writes, and then copy that page alone', () => {
    const { pages, append, read } = setUp()
    const one = pages.sequence()
    append(one, 2 * P + 6, 1)
    const two = one.fork()
    const three = two.fork()
    expect(pages.used).toBe(3)
    append(two, 10, 2)
    expect(pages.used).toBe(4)
    append(one, P + 8, 3)
    expect(pages.used).toBe(6)
    expect(read(one)).toEqual(marks([2 * P + 6, 1], [P + 8, 3]))
    expect(read(two)).toEqual(marks([2 * P + 6, 1], [10, 2]))
    expect(read(three)).toEqual(marks([2 * P + 6, 1]))
    append(three, 1, 4)
    expect(pages.used).toBe(6)
  })

  it('cut at the end of a page write to a new one, inside of a page to their own copy', () => {
    const { pages, append, read } = setUp()
    const one = pages.sequence()
    append(one, 3 * P, 1)
    const [atEdge, inside] = [one.fork(), one.fork()]
    atEdge.truncate(2 * P)
    inside.truncate(P + 8)
    append(atEdge, 5, 2)
    append(inside, 5, 3)
    expect(read(one)).toEqual(marks([3 * P, 1]))
    expect(read(atEdge)).toEqual(marks([2 * P, 1], [5, 2]))
    expect(read(inside)).toEqual(marks([P + 8, 1], [5, 3]))
    inside.truncate(5000)
    expect(inside.length).toBe(P + 13)
  })

  it('give pages back when the last holder lets go', () => {
    const { memory, pages, append } = setUp()
    const one = pages.sequence()
    append(one, 3 * P + 4, 1)
    const two = one.fork()
    one.dispose()
    one.dispose()
    expect(pages.used).toBe(4)
    two.truncate(P + 1)
    expect(pages.used).toBe(2)
    two.dispose()
    expect(pages.used).toBe(0)
    const bytes = memory.byteLength
    append(pages.sequence(), 4 * P, 2)
    expect(memory.byteLength).toBe(bytes)
    expect(() => one.reserve(1)).toThrow('after its end')
  })

  it('refuse more tokens than they have room for', () => {
    const one = setUp().pages.sequence()
    one.reserve(10)
    expect(() => one.advance(P + 1)).toThrow(RangeError)
  })

  it('stay as they are when there is no memory left', () => {
    const { pages, append, read } = setUp(2 ** 20)
    const one = pages.sequence()
    append(one, P + 18, 1)
    expect(() => append(one, P * 400, 2)).toThrow(expect.objectContaining({ code: 'out-of-memory' }))
    expect(read(one)).toEqual(marks([P + 18, 1]))
    one.truncate(P + 18)
    expect(pages.used).toBe(2)
    append(one, 100, 3)
    expect(read(one)).toEqual(marks([P + 18, 1], [100, 3]))
  })

  it('ask for sequences to be given up before there is no memory left', () => {
    const { pages, append, read } = setUp(2 ** 20)
    const kept = [1, 2, 3].map((mark) => {
      const sequence = pages.sequence()
      append(sequence, P * 60, mark)
      return sequence
    })
    const shared = kept[0]!.fork()
    let asked = 0
    pages.reclaim = () => {
      asked++
      const next = kept.shift()
      next?.dispose()
      return next !== undefined
    }
    const one = pages.sequence()
    append(one, P * 100, 9)
    // The first one's pages are held by its fork, too.
    expect(asked).toBe(2)
    expect(read(one)).toEqual(marks([P * 100, 9]))
    expect(read(shared)).toEqual(marks([P * 60, 1]))
    expect(() => append(one, P * 100, 9)).toThrow(expect.objectContaining({ code: 'out-of-memory' }))
    expect(one.length).toBe(P * 100)
  })
})
