import { expect, it } from 'vitest'
import { Random } from '../sampling/Random.js'
import { commonLength } from './commonLength.js'
import { RadixTree } from './RadixTree.js'

const value = (name: string) => ({ name })
const names = (values: { name: string }[]) => values.map(({ name }) => name)

it('finds what texts have in common, what they begin with and what begins with them', () => {
  const tree = new RadixTree<{ name: string }>()
  expect(tree.match([1, 2])).toEqual({ length: 0, path: [], below: [] })
  tree.set([1, 2, 3, 4, 5], value('long'))
  tree.set([1, 2, 3], value('short'))
  tree.set([1, 2, 9, 9], value('other'))
  expect(tree.match([1, 2, 3, 4, 7])).toEqual({ length: 4, path: [value('short')], below: [value('long')] })
  expect(names(tree.match([1, 2, 7]).below).sort()).toEqual(['long', 'other', 'short'])
  expect(tree.match([1, 2, 3, 4, 5, 6])).toEqual({ length: 5, path: [value('short'), value('long')], below: [value('long')] })
  expect(tree.match([1, 2, 3, 4], 3)).toEqual({ length: 3, path: [value('short')], below: [value('short'), value('long')] })
  expect(tree.match([8]).length).toBe(0)
  tree.delete([1, 2, 3])
  tree.delete([1, 2])
  expect(tree.get([1, 2, 3])).toBeUndefined()
  expect(tree.match([1, 2, 3, 4, 7])).toEqual({ length: 4, path: [], below: [value('long')] })
})

it('is the same as a list of texts, whatever is set and deleted', () => {
  const random = new Random(11)
  const pick = (count: number) => Math.floor(random.next() * count)
  const text = () => Array.from({ length: 1 + pick(12) }, () => pick(3))
  const tree = new RadixTree<{ tokens: number[] }>()
  const list = new Map<string, { tokens: number[] }>()
  for (let step = 0; step < 1200; step++) {
    const tokens = text()
    const key = tokens.join()
    if (pick(5) < 3) {
      const entry = { tokens }
      tree.set(tokens, entry)
      list.set(key, entry)
    } else {
      const chosen = pick(2) === 0 ? tokens : ([...list.values()][pick(list.size)]?.tokens ?? tokens)
      tree.delete(chosen)
      list.delete(chosen.join())
    }
    const asked = text()
    const limit = pick(asked.length + 1)
    const [head, all] = [asked.slice(0, limit), [...list.values()]]
    const length = Math.max(0, ...all.map((entry) => commonLength(entry.tokens, head)))
    const match = tree.match(asked, limit)
    expect(match.length).toBe(length)
    expect(match.path).toEqual(all.filter((entry) => commonLength(entry.tokens, head) === entry.tokens.length).sort((a, b) => a.tokens.length - b.tokens.length))
    expect(new Set(match.below)).toEqual(new Set(all.filter((entry) => commonLength(entry.tokens, head) === length)))
    expect(tree.get(tokens)).toBe(list.get(key))
    expect(new Set(tree.values())).toEqual(new Set(all))
  }
})
