import { describe, expect, it } from 'vitest'
import { CoreMemory } from './CoreMemory.js'
import { PAGE_TOKENS } from './index.js'
import { KVPages } from './KVPages.js'
import type { Sequence } from './Sequence.js'

const PAGE_BYTES = 4096

function setUp(maximumBytes?: number) {
  const memory = new CoreMemory({ initialBytes: 1, maximumBytes })
  const pages = new KVPages(memory, PAGE_BYTES)
  const append = (sequence: Sequence, count: number, mark: number) => {
    sequence.reserve(count)
    for (let t = sequence.length; t < sequence.length + count; t++) memory.bytes()[sequence.pages[t >> 5]! + (t & 31)] = mark
    sequence.advance(count)
  }
  const read = (sequence: Sequence) =>
    Array.from({ length: sequence.length }, (_, t) => memory.bytes()[sequence.pages[t >> 5]! + (t & 31)])
  return { memory, pages, append, read }
}

const marks = (...runs: [number, number][]) => runs.flatMap(([count, mark]) => new Array<number>(count).fill(mark))

describe('sequences', () => {
  it('share pages until one of them writes, and then copy that page alone', () => {
    const { pages, append, read } = setUp()
    const one = pages.sequence()
    append(one, 70, 1)
    const two = one.fork()
    const three = two.fork()
    expect(pages.used).toBe(3)
    append(two, 10, 2)
    expect(pages.used).toBe(4)
    append(one, 40, 3)
    expect(pages.used).toBe(6)
    expect(read(one)).toEqual(marks([70, 1], [40, 3]))
    expect(read(two)).toEqual(marks([70, 1], [10, 2]))
    expect(read(three)).toEqual(marks([70, 1]))
    append(three, 1, 4)
    expect(pages.used).toBe(6)
  })

  it('cut at the end of a page write to a new one, inside of a page to their own copy', () => {
    const { pages, append, read } = setUp()
    const one = pages.sequence()
    append(one, 96, 1)
    const [atEdge, inside] = [one.fork(), one.fork()]
    atEdge.truncate(64)
    inside.truncate(40)
    append(atEdge, 5, 2)
    append(inside, 5, 3)
    expect(read(one)).toEqual(marks([96, 1]))
    expect(read(atEdge)).toEqual(marks([64, 1], [5, 2]))
    expect(read(inside)).toEqual(marks([40, 1], [5, 3]))
    inside.truncate(500)
    expect(inside.length).toBe(45)
  })

  it('give pages back when the last holder lets go', () => {
    const { memory, pages, append } = setUp()
    const one = pages.sequence()
    append(one, 100, 1)
    const two = one.fork()
    one.dispose()
    one.dispose()
    expect(pages.used).toBe(4)
    two.truncate(33)
    expect(pages.used).toBe(2)
    two.dispose()
    expect(pages.used).toBe(0)
    const bytes = memory.byteLength
    append(pages.sequence(), 128, 2)
    expect(memory.byteLength).toBe(bytes)
    expect(() => one.reserve(1)).toThrow('after its end')
  })

  it('refuse more tokens than they have room for', () => {
    const one = setUp().pages.sequence()
    one.reserve(10)
    expect(() => one.advance(33)).toThrow(RangeError)
  })

  it('stay as they are when there is no memory left', () => {
    const { pages, append, read } = setUp(2 ** 20)
    const one = pages.sequence()
    append(one, 50, 1)
    expect(() => append(one, 32 * 400, 2)).toThrow(expect.objectContaining({ code: 'out-of-memory' }))
    expect(read(one)).toEqual(marks([50, 1]))
    one.truncate(50)
    expect(pages.used).toBe(2)
    append(one, 100, 3)
    expect(read(one)).toEqual(marks([50, 1], [100, 3]))
  })

  it('ask for sequences to be given up before there is no memory left', () => {
    const { pages, append, read } = setUp(2 ** 20)
    const kept = [1, 2, 3].map((mark) => {
      const sequence = pages.sequence()
      append(sequence, PAGE_TOKENS * 60, mark)
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
    append(one, PAGE_TOKENS * 100, 9)
    // The first one's pages are held by its fork, too.
    expect(asked).toBe(2)
    expect(read(one)).toEqual(marks([PAGE_TOKENS * 100, 9]))
    expect(read(shared)).toEqual(marks([PAGE_TOKENS * 60, 1]))
    expect(() => append(one, PAGE_TOKENS * 100, 9)).toThrow(expect.objectContaining({ code: 'out-of-memory' }))
    expect(one.length).toBe(PAGE_TOKENS * 100)
  })
})
